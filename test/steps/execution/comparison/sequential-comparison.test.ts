import {
  compare,
  type Compared,
} from '../../../../src/steps/execution/comparison/sequential-comparison';
import type { Sample } from '../../../../src/guard/guard';
import { createRandom } from '../../../fixtures/random';

const STEP = 15;
const at = (second: number): string => new Date(second * 1000).toISOString();
type Ratio = (second: number) => number | string;

/**
 * A rate over a minute that is held for two, observed for an hour: a block is two minutes, and one begins every three.
 * Looks every 30 s, as the executor does, with what it keeps as JSON between them; the second at which it stops.
 */
function observe(ratio: Ratio, tests = 3): number | undefined {
  let compared: Compared | undefined;
  const rule = { op: '>', threshold: 2, forMs: 120_000, lookBackMs: 60_000 } as const;
  const calm = { ratio: 1, spread: 0.15 };
  for (let now = 120; now <= 3600; now += 2 * STEP) {
    const samples: Sample[] = [];
    for (let second = Math.max(60, now - 3 * STEP); second <= now; second += STEP)
      samples.push({ at: at(second), value: ratio(second) });
    const comparison = { rule, calm, from: 0, until: 3_600_000, observedMs: 3_600_000, tests };
    const found = compare(comparison, compared, samples);
    if (found.proven) return now;
    compared = JSON.parse(JSON.stringify(found.compared)) as Compared;
  }
  return undefined;
}

/** Noise that lasts: each sample of 15 s keeps most of the one before, as a rate does. */
function swinging(seed: number, fault = 1): Ratio {
  const random = createRandom(seed).next;
  const values: number[] = [];
  let log = 0;
  for (let i = 0; i <= 3600 / STEP; i += 1) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    log = 0.8 * log + 0.15 * 0.6 * normal;
    values.push(fault * Math.exp(log));
  }
  return (second) => values[second / STEP] ?? NaN;
}

const RUNS = 400;
const stops = (fault: number, tests?: number) =>
  Array.from({ length: RUNS }, (_, seed) => observe(swinging(seed + 1, fault), tests));
const shareOf = (found: (number | undefined)[]) =>
  found.filter((second) => second !== undefined).length / RUNS;

it('stops fewer than 5 % of the calm batches, with noise that lasts from sample to sample', () => {
  expect(shareOf(stops(1, 1))).toBeLessThan(0.05);
});

it('finds what stays below the limit, a clear fault in the first tenth of the observation', () => {
  const clear = stops(1.9).map((second) => second ?? Infinity);
  clear.sort((a, b) => a - b);
  expect(clear[RUNS / 2]).toBeLessThanOrEqual(480);
  expect(shareOf(stops(1.7))).toBeGreaterThan(0.95);
});

it('does nothing about a fault that is shorter than `for`, however large', () => {
  expect(observe((second) => (second >= 600 && second < 700 ? 1e6 : 1))).toBeUndefined();
});

it('counts no value that is missing, and each sample once', () => {
  expect(observe(() => 'NaN')).toBeUndefined();
  // 18 samples of two blocks are not four blocks, however often they are looked at.
  expect(observe((second) => (second < 3000 ? 1 : 1.9))).toBeGreaterThanOrEqual(3000 + 180);
});

it('begins anew after a repair', () => {
  const rule = { op: '>', threshold: 2, forMs: 60_000, lookBackMs: 0 } as const;
  const common = {
    rule,
    calm: { ratio: 1, spread: 0.1 },
    until: 1e9,
    observedMs: 600_000,
    tests: 1,
  };
  const samples = Array.from({ length: 5 }, (_, i): Sample => ({ at: at(i * STEP), value: 3 }));
  const first = compare({ ...common, from: 0 }, undefined, samples);
  expect(first.compared.evidence).toHaveLength(1);
  expect(compare({ ...common, from: 600_000 }, first.compared, []).compared.evidence).toEqual([]);
});
