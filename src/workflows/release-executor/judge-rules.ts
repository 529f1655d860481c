import type { ExecutionReason } from '../../domain/execution/execution';
import type { RuleRecord } from '../../guard/breaches';
import type { Refusal, Sample } from '../../guard/guard';
import { tallyOf } from '../../steps/execution/release-record';
import { lastOf, mayBeLate, sampledRecords, samplingsOf } from '../../steps/execution/sampling';
import { addSamples } from '../../steps/execution/tally';
import { activities } from './executor-activities';
import { provenFault } from './proven-fault';
import type { Release } from './release';
import { reasonOf, stopForPerson } from './stop';

type Judged = { found: RuleRecord; samples: Sample[]; fault: string | undefined };

/**
 * Samples all rules, and has the guard judge each. Answers the fault that a sequential test proves, if one does: the
 * guard, which judges levels, does not know of it.
 */
export async function judgeRules(release: Release): Promise<ExecutionReason | undefined> {
  const { record, issue } = release;
  const samplings = samplingsOf(issue, record.state, release.now(), record.readings);
  notYet(release, new Set(samplings.map(({ rule_id }) => rule_id)));
  if (samplings.length === 0) return undefined;
  const batch = record.state.batches[record.state.batches.length - 1];
  const args = { samplings, issue_id: issue.issue_id, batch_id: batch?.batch_id };
  const sampled = await activities.sampleRules
    .executeWithOptions({ summary: `${samplings.length} rules` }, [args])
    .catch((error: unknown) => {
      const { text: fault } = reasonOf(error);
      return samplings.map(({ rule_id }) => ({ rule_id, samples: [], fault }));
    });
  // Nothing is judged for a release that was stopped meanwhile.
  if (release.isAborted() || batch === undefined) return undefined;
  const records = new Map(
    sampledRecords(issue, record.state).map((one) => [one.rule.rule_id, one]),
  );
  let proven: ExecutionReason | undefined;
  for (const { rule_id: id, samples, fault } of sampled) {
    const found = records.get(id);
    if (found !== undefined)
      proven = judgeRule(release, batch.batch_id, { found, samples, fault }) ?? proven;
  }
  return proven;
}

function judgeRule(release: Release, batchId: number, judged: Judged): ExecutionReason | undefined {
  const { found, samples } = judged;
  const { rule } = found;
  const { record } = release;
  const wish = { type: 'judge', rule_id: rule.rule_id, batch_id: batchId, samples } as const;
  const verdict = release.check(wish);
  const before = record.readings[rule.rule_id]?.at ?? '';
  addSamples(
    tallyOf(record, rule.rule_id),
    samples.filter(({ at }) => at > before),
  );
  if (verdict.allowed || verdict.code === 'Breached')
    release.add({ ...release.withDigest(wish), at: release.isoNow() });
  if (verdict.allowed) {
    read(release, judged, 'ok');
    const proven = provenFault(release, found, samples);
    if (proven !== undefined) broken(release, judged, proven);
    return rule.gates ? proven : undefined;
  }
  const reason = { code: verdict.code, text: verdict.message, source: verdict.clause };
  if (verdict.code === 'Breached') broken(release, judged, reason);
  else if (verdict.code === 'NoData') missing(release, judged, wish, verdict);
  // Expired: what is not judged does not pass.
  else if (rule.gates) stopForPerson(release, reason);
  return undefined;
}

/** A rule that gates is answered by the flow; any other is recorded, once a batch. */
function broken(release: Release, judged: Judged, reason: ExecutionReason): void {
  const { rule } = judged.found;
  const { record } = release;
  const id = rule.rule_id;
  const isKnown = !rule.gates && currentVerdicts(release)?.[id] === 'breach';
  read(release, judged, 'breach');
  if (isKnown) return;
  const tally = tallyOf(record, id);
  tally.breaches += 1;
  tally.breachedAt ??= release.isoNow();
  const { text } = reason;
  release.note('breach', rule.gates ? text : `${text} It gates nothing: the release goes on.`);
  if (!rule.gates) return;
  const { value, limit } = record.readings[id] ?? {};
  record.breach = {
    ...reason,
    rule_id: id,
    ...(value !== undefined && { value }),
    ...(limit !== undefined && { limit }),
  };
}

/**
 * A level that gates needs its data; without them nobody can say that the batch is well. A comparison needs them only
 * once it was broken: its level is judged all the same.
 */
function missing(
  release: Release,
  judged: Judged,
  wish: Parameters<Release['withDigest']>[0] & { type: 'judge' },
  verdict: Refusal,
): void {
  const { fault, found } = judged;
  const { rule, answered } = found;
  const { record, issue } = release;
  read(release, judged, 'no_data');
  if (!rule.gates || (rule.isComparison && answered === 0)) return;
  if (mayBeLate(issue, record.state, rule.rule_id, release.now())) return;
  release.add({ ...release.withDigest(wish), at: release.isoNow() });
  const text = fault === undefined ? verdict.message : `${verdict.message} ${fault}`;
  stopForPerson(release, { code: 'NoData', text, rule_id: rule.rule_id, source: verdict.clause });
}

const currentVerdicts = ({ record }: Release) =>
  record.batches[record.batches.length - 1]?.verdicts;

/** Shows the last value of a rule, and what it came to. */
function read(
  release: Release,
  { found: { rule }, samples }: Judged,
  verdict: 'ok' | 'breach' | 'no_data',
): void {
  const { record } = release;
  const id = rule.rule_id;
  const last = lastOf(samples);
  record.readings[id] = {
    ...{ rule_id: id, value: last?.value ?? null, at: last?.at ?? null },
    limit: record.state.limits[id]?.threshold ?? rule.threshold,
    verdict,
  };
  const verdicts = currentVerdicts(release);
  // What a rule that gates nothing has shown once is the outcome of the batch.
  const stays = !rule.gates && verdicts?.[id] === 'breach';
  if (verdicts !== undefined && !stays) verdicts[id] = verdict;
}

/** Rules whose samples would still look back at what was before the deploy or the repair. */
function notYet({ record, issue }: Release, sampled: ReadonlySet<string>): void {
  for (const { rule } of sampledRecords(issue, record.state)) {
    const { rule_id: id, threshold: limit } = rule;
    if (!sampled.has(id))
      record.readings[id] = { rule_id: id, value: null, at: null, limit, verdict: 'not_yet' };
  }
}
