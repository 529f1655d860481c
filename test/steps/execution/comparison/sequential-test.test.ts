import {
  evidenceOf,
  provesFault,
  type TestPlan,
} from '../../../../src/steps/execution/comparison/sequential-test';
import { createRandom } from '../../../fixtures/random';

const plan: TestPlan = {
  op: '>',
  limit: 2,
  calm: { ratio: 1.05, spread: 0.15 },
  blocks: 8,
  alpha: 0.04,
};
const RUNS = 2_000;

/** After how many blocks the test stops; undefined: it lets the batch pass. */
function stopsAfter(of: TestPlan, medians: readonly number[]): number | undefined {
  const evidence: number[] = [];
  for (const median of medians) {
    evidence.push(evidenceOf(of, median));
    if (provesFault(of, evidence)) return evidence.length;
  }
  return undefined;
}

/** A normal number; seldom, one four times as far out, as monitoring has them. */
function noise(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return random() < 0.02 ? 4 * normal : normal;
}

function simulate(of: TestPlan, ratioAt: (block: number) => number, seed: number) {
  const random = createRandom(seed).next;
  const stops = Array.from({ length: RUNS }, () =>
    stopsAfter(
      of,
      Array.from(
        { length: of.blocks },
        (_, block) => ratioAt(block) * Math.exp(of.calm.spread * noise(random)),
      ),
    ),
  );
  const stopped = stops.filter((stop) => stop !== undefined).sort((a, b) => a - b);
  return { share: stopped.length / RUNS, median: stopped[stopped.length >> 1] };
}

it.each([
  ['hosts that are alike', 1],
  ['a batch whose host always has a little more', plan.calm.ratio],
])('stops fewer than 5 %% of the calm releases: %s', (_, ratio) => {
  expect(simulate(plan, () => ratio, 1).share).toBeLessThan(0.05);
});

it('stops at the limit in two blocks, and at three quarters of the way within the observation', () => {
  const atLimit = simulate(plan, () => plan.limit, 2);
  expect(atLimit.share).toBeGreaterThan(0.99);
  expect(atLimit.median).toBe(2);
  expect(simulate(plan, () => 1.75, 3).share).toBeGreaterThan(0.95);
});

it('is not deceived by a calm beginning: a fault that begins late is found within three blocks', () => {
  const late = simulate(plan, (block) => (block < 5 ? 1 : plan.limit), 4);
  expect(late.share).toBeGreaterThan(0.95);
  expect(late.median).toBeLessThanOrEqual(8);
});

it('is never moved by one block, however wild', () => {
  for (const at of [0, 3, 7]) {
    const medians = Array.from({ length: 8 }, (_, block) => (block === at ? 1e9 : 1));
    expect(stopsAfter(plan, medians)).toBeUndefined();
  }
});

it('looks the other way where less is a fault', () => {
  const less: TestPlan = { ...plan, op: '<', limit: 0.5, calm: { ratio: 0.97, spread: 0.1 } };
  expect(stopsAfter(less, [0.45, 0.45])).toBe(2);
  expect(stopsAfter(less, [0, 0])).toBe(2);
  expect(stopsAfter(less, [3, 3, 3, 3])).toBeUndefined();
});

it('proves nothing where hosts differ by half of the way to the limit on their own', () => {
  const wide: TestPlan = { ...plan, calm: { ratio: 1, spread: 0.4 } };
  expect(
    stopsAfter(
      wide,
      Array.from({ length: 8 }, () => 10),
    ),
  ).toBeUndefined();
});
