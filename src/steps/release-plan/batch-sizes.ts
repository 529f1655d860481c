import type { RolloutDocument } from '../../domain/knowledge/rollout-document';

export type SizePolicy = Pick<
  RolloutDocument,
  'first_batch' | 'first_share' | 'growth' | 'max_share' | 'max_batches'
>;

/** Search steps for a growth that fits: doubles the precision each time. */
const GROWTH_STEPS = 40;
/** Ten thousand hosts in two batches: larger growth is not gradual. */
const MAX_GROWTH = 10_000;

/**
 * How many hosts each batch should take at most: from the first on, growing, never over the largest share or over
 * `capacity` (hosts that may be out at once). The growth is raised until the plan has no more batches than the
 * policy allows; capacity has priority.
 */
export function batchSizes(total: number, policy: SizePolicy, capacity: number): number[] {
  const first = firstSize(total, policy, capacity);
  const largest = largestSize(total, policy, capacity);
  const count = (growth: number) => sizesWith(total, first, growth, largest).length;
  if (count(policy.growth) <= policy.max_batches || count(MAX_GROWTH) > policy.max_batches) {
    const growth = count(policy.growth) <= policy.max_batches ? policy.growth : MAX_GROWTH;
    return sizesWith(total, first, growth, largest);
  }
  let [low, high] = [policy.growth, MAX_GROWTH];
  for (let step = 0; step < GROWTH_STEPS; step += 1) {
    const middle = Math.sqrt(low * high);
    if (count(middle) <= policy.max_batches) high = middle;
    else low = middle;
  }
  return sizesWith(total, first, high, largest);
}

/** One host, or the policy's share of a large fleet: never more than 1 % of it. */
export const firstSize = (total: number, policy: SizePolicy, capacity: number): number =>
  Math.max(
    1,
    Math.min(
      Math.max(policy.first_batch, Math.floor(total * (policy.first_share ?? 0))),
      Math.max(1, Math.floor(total * MAX_FIRST_SHARE)),
      capacity,
    ),
  );
/** The largest share of the users that a failing canary can affect. */
const MAX_FIRST_SHARE = 0.01;

export const largestSize = (total: number, { max_share }: SizePolicy, capacity: number): number =>
  Math.max(1, Math.min(Math.floor(total * max_share), capacity));

function sizesWith(total: number, first: number, growth: number, largest: number): number[] {
  const sizes: number[] = [];
  for (let left = total, next = first; left > 0; next *= growth) {
    const size = Math.min(left, Math.floor(next), Math.max(first, largest));
    sizes.push(size);
    left -= size;
  }
  return sizes;
}
