import type { Sample } from '../../guard/guard';

/**
 * Seconds after which a series that Prometheus no longer sees is gone; its own default shows it for five minutes, in
 * which a dead host would look calm.
 */
export const LOOK_BACK_SECONDS = 90;
/** A rule is sampled at least so often, and at least four times in an observation that is short. */
const SAMPLED_EVERY_MS = 15_000;
const SAMPLES_IN_SHORT = 4;
const LEAST_STEP_MS = 1_000;

/** Milliseconds between the samples of a batch that is observed for `observationMs`; NaN: not known. */
export function sampleStepMs(observationMs: number): number {
  const short = Math.floor(observationMs / SAMPLES_IN_SHORT);
  return Math.max(LEAST_STEP_MS, Math.min(SAMPLED_EVERY_MS, short || SAMPLED_EVERY_MS));
}

/** More series than this are not one value, however many there are. */
const MAX_SERIES = 2;

/** A series as Prometheus answers it; `at` in seconds since 1970. */
type Answered = {
  labels: Record<string, string>;
  samples: readonly { at: number; value: number }[];
};

/** The samples of an answer as the guard takes them. */
export const guardSamples = (answer: readonly Answered[]): Sample[] =>
  answer.slice(0, MAX_SERIES).flatMap(({ labels, samples }) => {
    const series = JSON.stringify(Object.entries(labels).sort());
    return samples.map(({ at, value }) => ({
      at: new Date(at * 1000).toISOString(),
      value: Number.isFinite(value) ? value : String(value),
      series,
    }));
  });
