import type { ExecutionReason } from '../../domain/execution/execution';
import { recordsOf, type RuleRecord } from '../../guard/breaches';
import { notJudged } from '../../guard/check-promote';
import type { Sample, State } from '../../guard/guard';
import { viewOf } from '../../guard/issue-view';
import { sampleStepMs } from './guard-samples';
import { ruleIdOf, ruleOfId, type ExecutableIssue } from './executable-issue';

/** The guard judges no fewer samples. */
const LEAST_SAMPLES = 3;
/** Looks at the metrics are so many samples apart: what a look costs is paid in history. */
const SAMPLES_PER_LOOK = 2;
/** After a worker was gone for longer, the gap is no data. */
const LONGEST_WINDOW_MS = 2 * 3_600_000;
/** Data may be late by a scrape: so long nobody is called. */
const PATIENCE_MS = 60_000;

export type Sampling = {
  rule_id: string;
  /** Empty for a comparison: its expression names all hosts, and is read from the stored issue. */
  expr: string;
  /** The rule whose batch is compared with the hosts that are not released yet. */
  compares?: string;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  stepMs: number;
};

/** How far samples of a batch are apart. */
export function stepOf(issue: ExecutableIssue, state: State): number {
  const batch = state.batches[state.batches.length - 1];
  return sampleStepMs(viewOf(issue).batchById.get(batch?.batch_id ?? 0)?.observationMs ?? NaN);
}

export const lookEvery = (issue: ExecutableIssue, state: State): number =>
  SAMPLES_PER_LOOK * stepOf(issue, state);

/** The records of the rules in the batch that is observed. */
function currentRecords(issue: ExecutableIssue, state: State): RuleRecord[] {
  const batch = state.batches[state.batches.length - 1];
  if (batch === undefined || batch.promotedAt !== undefined) return [];
  return [...recordsOf(viewOf(issue), state, batch).values()];
}

export const gatingRecords = (issue: ExecutableIssue, state: State): RuleRecord[] =>
  currentRecords(issue, state).filter(({ rule }) => rule.gates);

/** Those that are sampled: all but rules that have no series. Those that gate nothing are only recorded. */
export const sampledRecords = (issue: ExecutableIssue, state: State): RuleRecord[] =>
  currentRecords(issue, state).filter(
    ({ rule }) => rule.gates || ruleOfId(issue, rule.rule_id)?.rule.judgeable !== 'blind',
  );

/** Until when a rule was sampled, RFC 3339: of a rule that gates nothing, a bad sample is not looked at again. */
type Seen = Readonly<Record<string, { at: string | null } | undefined>>;

/** Which rules are sampled now, and over which time; the others look back at what was before the deploy. */
export function samplingsOf(
  issue: ExecutableIssue,
  state: State,
  now: number,
  seen: Seen = {},
): Sampling[] {
  const stepMs = stepOf(issue, state);
  return sampledRecords(issue, state).flatMap((record): Sampling[] => {
    const { rule_id: id, gates, lookBackMs } = record.rule;
    const found = ruleOfId(issue, id);
    if (found === undefined) return [];
    const passed = record.passed.map((span) => span.last);
    const looked = gates ? [] : [Date.parse(seen[id]?.at ?? '') || 0];
    const window = { state, now, stepMs };
    const from = windowStart(record.from + lookBackMs, [...passed, ...looked], window);
    if (now - from < (LEAST_SAMPLES - 1) * stepMs) return [];
    const common = { rule_id: id, from, to: now, stepMs };
    return found.isComparison
      ? [{ ...common, expr: '', compares: ruleIdOf(found.rule) }]
      : [{ ...common, expr: found.rule.expr }];
  });
}

/** From the last sample that counts, a few samples earlier, so that each judgement has enough of them. */
function windowStart(
  begin: number,
  counted: readonly number[],
  { state, now, stepMs }: { state: State; now: number; stepMs: number },
): number {
  const last = Math.max(begin, ...counted);
  const overlap = Math.max(begin, Math.min(last, now - LEAST_SAMPLES * stepMs));
  const resumed = Math.max(...state.pauses.map(({ to = -Infinity }) => to), -Infinity);
  const bounded = Math.max(overlap, now - LONGEST_WINDOW_MS, Math.min(resumed, now));
  return Math.max(begin, bounded);
}

/** Whether missing data of a rule are only late: a person is called when they stay away. */
export function mayBeLate(
  issue: ExecutableIssue,
  state: State,
  ruleId: string,
  now: number,
): boolean {
  const record = gatingRecords(issue, state).find(({ rule }) => rule.rule_id === ruleId);
  if (record === undefined) return false;
  const stepMs = stepOf(issue, state);
  const begin = record.from + record.rule.lookBackMs;
  const resumed = Math.max(...state.pauses.map(({ to = -Infinity }) => to), -Infinity);
  const good = Math.max(begin, resumed, ...record.passed.map(({ last }) => last));
  const patience = Math.max(Math.min(PATIENCE_MS, 4 * stepMs), LEAST_SAMPLES * stepMs);
  return now - good < patience + SAMPLES_PER_LOOK * stepMs;
}

/** Much later than the observation is over, a rule whose samples still have a gap will not be judged throughout. */
const GIVE_UP_MS = 15 * 60_000;

/** Why a batch does not get on: a rule that was not judged throughout although its time is long over. */
export function neverJudged(
  issue: ExecutableIssue,
  state: State,
  now: number,
): ExecutionReason | undefined {
  const paused = state.pauses[state.pauses.length - 1];
  if (paused !== undefined && paused.to === undefined) return undefined;
  for (const record of gatingRecords(issue, state)) {
    const begin = Math.max(record.from, record.again ?? record.from, paused?.to ?? record.from);
    const over = begin + record.rule.lookBackMs + record.observedMs + GIVE_UP_MS;
    const missing = notJudged(record, state.pauses);
    if (missing !== undefined && now > over)
      return { code: missing.code, text: missing.message, source: missing.clause };
  }
  return undefined;
}

/** The last of some samples, for people. */
export const lastOf = (samples: readonly Sample[]): Sample | undefined =>
  samples[samples.length - 1];
