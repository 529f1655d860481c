import type { Sample } from '../../guard/guard';
import { foreignChange, unhealthyOf } from '../../steps/execution/fleet';
import { tallyOf } from '../../steps/execution/release-record';
import {
  gatingRecords,
  lastOf,
  lookEvery,
  mayBeLate,
  neverJudged,
  samplingsOf,
} from '../../steps/execution/sampling';
import { addSamples } from '../../steps/execution/tally';
import { activities } from './executor-activities';
import { pauseOrMessage } from './host-change';
import type { Release } from './release';
import { show } from './show';
import { orStop, reasonOf, stopForPerson } from './stop';

/** Hosts are read again so often while a batch is observed. */
const FLEET_EVERY_MS = 60_000;

/**
 * One look at a batch: waits, samples each gating rule, and has the guard judge it. A breach is answered by the flow;
 * missing data stop the release for a person once they cannot be late any more.
 */
export const observeBatch = (release: Release): Promise<void> =>
  orStop(release, async () => {
    const { record, issue } = release;
    const repaired =
      (record.state.batches[record.state.batches.length - 1]?.repairs.length ?? 0) > 0;
    release.enter(repaired ? 'repairing' : 'observing');
    show(release);
    if (await pauseOrMessage(release, lookEvery(issue, record.state))) return;
    if (Date.now() - (record.fleetSeenAt ?? 0) >= FLEET_EVERY_MS && (await hostsChanged(release)))
      return;
    await judgeRules(release);
    const stuck = neverJudged(issue, record.state, Date.now());
    if (stuck !== undefined) stopForPerson(release, stuck);
  });

async function judgeRules(release: Release): Promise<void> {
  const { record, issue } = release;
  const samplings = samplingsOf(issue, record.state, Date.now());
  notYet(release, new Set(samplings.map(({ rule_id }) => rule_id)));
  if (samplings.length === 0) return;
  const sampled = await activities.sampleRules
    .executeWithOptions({ summary: `${samplings.length} rules` }, [{ samplings }])
    .catch((error: unknown) => {
      const { text } = reasonOf(error);
      return samplings.map(({ rule_id }) => ({ rule_id, samples: [], fault: text }));
    });
  // Nothing is judged for a release that was stopped meanwhile.
  if (release.isAborted()) return;
  for (const { rule_id: id, samples, fault } of sampled) judgeRule(release, id, samples, fault);
}

function judgeRule(
  release: Release,
  ruleId: string,
  samples: Sample[],
  fault: string | undefined,
): void {
  const { record, issue } = release;
  const batch = record.state.batches[record.state.batches.length - 1];
  const found = gatingRecords(issue, record.state).find(({ rule }) => rule.rule_id === ruleId);
  if (batch === undefined || found === undefined) return;
  const wish = { type: 'judge', rule_id: ruleId, batch_id: batch.batch_id, samples } as const;
  const verdict = release.check(wish);
  const last = lastOf(samples);
  const reading = {
    ...{ rule_id: ruleId, value: last?.value ?? null, at: last?.at ?? null },
    limit: found.rule.threshold,
  };
  const before = record.readings[ruleId]?.at ?? '';
  const tally = tallyOf(record, ruleId);
  addSamples(
    tally,
    samples.filter(({ at }) => at > before),
  );
  const judged = record.batches[record.batches.length - 1];
  const verdictIs = (kind: 'ok' | 'breach' | 'no_data') => {
    record.readings[ruleId] = { ...reading, verdict: kind };
    if (judged !== undefined) judged.verdicts[ruleId] = kind;
  };
  const at = new Date().toISOString();
  const source = `${found.rule.pointer}/threshold`;
  if (verdict.allowed) {
    release.add({ ...release.withDigest(wish), at });
    verdictIs('ok');
  } else if (verdict.code === 'Breached') {
    release.add({ ...release.withDigest(wish), at });
    verdictIs('breach');
    tally.breaches += 1;
    tally.breachedAt ??= at;
    release.note('breach', verdict.message);
    const { value, limit } = reading;
    const reason = {
      code: 'Breached',
      text: verdict.message,
      rule_id: ruleId,
      value,
      limit,
      source,
    };
    record.breach = reason;
  } else if (verdict.code === 'NoData') {
    verdictIs('no_data');
    if (mayBeLate(issue, record.state, ruleId, Date.now())) return;
    release.add({ ...release.withDigest(wish), at });
    const text = fault === undefined ? verdict.message : `${verdict.message} ${fault}`;
    stopForPerson(release, { code: 'NoData', text, rule_id: ruleId, source: verdict.clause });
  } else {
    // Expired: what is not judged does not pass.
    stopForPerson(release, { code: verdict.code, text: verdict.message, source: verdict.clause });
  }
}

/** Rules whose samples would still look back at what was before the deploy or the repair. */
function notYet({ record, issue }: Release, sampled: ReadonlySet<string>): void {
  for (const { rule } of gatingRecords(issue, record.state)) {
    const { rule_id: id, threshold: limit } = rule;
    if (!sampled.has(id))
      record.readings[id] = { rule_id: id, value: null, at: null, limit, verdict: 'not_yet' };
  }
}

/** Whether another hand changed hosts, or released hosts fell ill: twice in a row, since one look may be a blip. */
async function hostsChanged(release: Release): Promise<boolean> {
  const { record, issue } = release;
  const fleet = await activities.readFleet.executeWithOptions({ summary: 'hosts' }, [
    { service: issue.service },
  ]);
  const { released } = record.state;
  const foreign = foreignChange({ issue, released }, fleet);
  if (foreign !== undefined) {
    stopForPerson(release, foreign);
    return true;
  }
  const sick = unhealthyOf(released, fleet);
  const again = sick !== undefined && record.sick === true;
  record.sick = sick !== undefined;
  // After a bad look the next one is soon.
  record.fleetSeenAt = sick === undefined ? Date.now() : 0;
  if (sick === undefined || !again) return false;
  record.sick = false;
  stopForPerson(release, sick);
  return true;
}
