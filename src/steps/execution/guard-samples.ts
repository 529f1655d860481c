import type { Sample } from '../../guard/guard';

/**
 * Seconds after which a series that Prometheus no longer sees is gone; its own default shows it for five minutes, in
 * which a dead host would look calm.
 */
export const LOOK_BACK_SECONDS = 90;
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
