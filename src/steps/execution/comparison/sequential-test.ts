/** What a ratio of hosts is like when all is well: its median, and the spread of its logarithm. */
export type Calm = { ratio: number; spread: number };

export type TestPlan = {
  op: '>' | '<';
  /** The ratio that is a fault. */
  limit: number;
  calm: Calm;
  /** Blocks in the observation. */
  blocks: number;
  /** Chance of a false stop that this test may have. */
  alpha: number;
};

/** Medians beyond this many limits say no more: one wild block is not proof. */
const MAX_LIMITS = 2;
/** Hosts are never taken to be more alike than this share of the distance to the limit. */
const LEAST_SPREAD = 1 / 4;
/** Hosts that differ by half of the distance to the limit on their own prove nothing. */
const MAX_SPREAD = 1 / 2;

/**
 * The evidence of one block for a fault: the logarithm of Wald's likelihood ratio of two normal distributions, one
 * around what is calm and one around the limit. At most half of what a stop needs, so that one block never stops.
 */
export function evidenceOf(plan: TestPlan, median: number): number {
  const shape = shapeOf(plan);
  if (shape === undefined || !(median >= 0)) return 0;
  const { calm, fault, spread } = shape;
  const bad = Math.max(-MAX_LIMITS * fault, Math.min(MAX_LIMITS * fault, badness(plan, median)));
  const ratio = ((fault - calm) / spread ** 2) * (bad - (fault + calm) / 2);
  return Math.min(ratio, needed(plan) / 2);
}

/**
 * Whether the blocks so far prove a fault. A sequential probability ratio test (A. Wald, "Sequential Tests of
 * Statistical Hypotheses", 1945) that may have begun at any block, with equal weights: so a fault that begins late is not
 * outweighed by the calm before it. Such a mixture of likelihood ratios is a martingale when all is well, and exceeds
 * 1/alpha with a chance of at most alpha however often it is looked at (J. Ville, 1939; A. Ramdas and others,
 * "Game-Theoretic Statistics and Safe Anytime-Valid Inference", 2023). A good batch is observed to its end: no evidence
 * ends an observation early.
 */
export function provesFault(plan: TestPlan, evidence: readonly number[]): boolean {
  const blocks = Math.max(plan.blocks, evidence.length);
  let total = blocks - evidence.length;
  let sum = 0;
  for (const one of [...evidence].reverse()) {
    sum += one;
    total += Math.exp(sum);
  }
  return Math.log(total / blocks) >= -Math.log(plan.alpha) - ROUNDING;
}

const ROUNDING = 1e-9;

const needed = ({ blocks, alpha }: TestPlan): number => Math.log(Math.max(1, blocks) / alpha);

/** The logarithm of a ratio, in the direction in which it is a fault. */
const badness = ({ op }: TestPlan, ratio: number): number =>
  op === '>' ? Math.log(ratio) : -Math.log(ratio);

function shapeOf(plan: TestPlan): { calm: number; fault: number; spread: number } | undefined {
  const fault = badness(plan, plan.limit);
  // One host was measured: another may differ as much to the other side.
  const calm = Math.abs(Math.log(plan.calm.ratio));
  const distance = fault - calm;
  const { spread } = plan.calm;
  if (!(distance > 0) || !(calm <= fault / 2) || !(spread <= distance * MAX_SPREAD))
    return undefined;
  return { calm, fault, spread: Math.max(spread, distance * LEAST_SPREAD) };
}
