import type { Sample } from '../../../guard/guard';
import type { GuardedRule } from '../../../guard/issue-view';
import { evidenceOf, provesFault, type Calm, type TestPlan } from './sequential-test';

/** What a comparison of a batch with the other hosts has come to; plain data. */
export type Compared = {
  /** The deploy, repair or continuation that it counts from. */
  from: number;
  /** Samples until then are counted, milliseconds. */
  last: number;
  /** The block of samples that is filled. */
  block?: { index: number; values: number[] };
  /** Of each block that is full. */
  evidence: number[];
};

export type Comparison = {
  rule: Pick<GuardedRule, 'op' | 'threshold' | 'forMs' | 'lookBackMs'>;
  calm: Calm;
  from: number;
  /** The end of the observation. */
  until: number;
  observedMs: number;
  /** Comparisons of all batches that share the false stops. */
  tests: number;
};

/** Most chance of a false stop that all comparisons of a release share. */
const FALSE_STOPS = 0.04;
/** Fewer samples have no median. */
const LEAST_SAMPLES = 3;
const LEAST_BLOCK_MS = 60_000;

/** Adds samples, each once, and says whether they prove a fault by now. */
export function compare(
  comparison: Comparison,
  before: Compared | undefined,
  samples: readonly Sample[],
): { compared: Compared; proven: boolean } {
  const { rule, from, until } = comparison;
  const plan = planOf(comparison);
  const known = before?.from === from ? before : { from, last: 0, evidence: [] };
  const compared: Compared = { ...known, evidence: [...known.evidence] };
  let block = known.block && { ...known.block, values: [...known.block.values] };
  const begin = from + rule.lookBackMs;
  const close = () => {
    if (block !== undefined && block.values.length >= LEAST_SAMPLES)
      compared.evidence.push(evidenceOf(plan, medianOf(block.values)));
    block = undefined;
  };
  for (const { at, value } of samples.map(pointOf).sort((a, b) => a.at - b.at)) {
    if (!(at > compared.last && at >= begin && at <= until) || !Number.isFinite(value)) continue;
    compared.last = at;
    const index = Math.floor((at - begin) / periodMs(rule));
    if (block?.index !== index) close();
    const into = at - begin - index * periodMs(rule);
    if (into <= blockMs(rule)) {
      block ??= { index, values: [] };
      block.values.push(value);
    }
    if (into >= blockMs(rule)) close();
  }
  return { compared: { ...compared, block }, proven: provesFault(plan, compared.evidence) };
}

type Times = Pick<GuardedRule, 'forMs' | 'lookBackMs'>;
/** Blocks as long as `for`, a look-back apart, so that no two of them share samples of the service. */
const blockMs = ({ forMs }: Times): number => Math.max(forMs, LEAST_BLOCK_MS);
const periodMs = (rule: Times): number => blockMs(rule) + rule.lookBackMs;

function planOf({ rule, calm, observedMs, tests }: Comparison): TestPlan {
  const blocks = Math.max(1, Math.ceil(observedMs / periodMs(rule)) || 1);
  const op = rule.op === '>' || rule.op === '>=' ? '>' : '<';
  return { op, limit: rule.threshold, calm, blocks, alpha: FALSE_STOPS / Math.max(1, tests) };
}

const pointOf = ({ at, value }: Sample) => ({
  at: Date.parse(at),
  value: typeof value === 'number' ? value : NaN,
});

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? NaN;
}
