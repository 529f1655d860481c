import type { Sample } from '../../guard/guard';

/** The values of a rule in a release, thinned evenly, and its breaches; plain data of bounded size. */
export type Tally = {
  values: number[];
  stride: number;
  seen: number;
  breaches: number;
  /** Of the first breach. */
  breachedAt?: string;
};

const MAX_VALUES = 64;

export const emptyTally = (): Tally => ({ values: [], stride: 1, seen: 0, breaches: 0 });

/** Adds samples; every second value goes when there are too many. */
export function addSamples(tally: Tally, samples: readonly Sample[]): void {
  for (const { value } of samples) {
    const number = typeof value === 'number' ? value : Number(value ?? NaN);
    if (!Number.isFinite(number)) continue;
    if (tally.seen % tally.stride === 0) tally.values.push(number);
    tally.seen += 1;
    if (tally.values.length > MAX_VALUES) {
      tally.values = tally.values.filter((_, index) => index % 2 === 0);
      tally.stride *= 2;
    }
  }
}

/** The value below which `share` of the values lie; null without values. */
export function quantileOf({ values }: Tally, share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
