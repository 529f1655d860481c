import type { Next } from '../../guard/guard';
import { breachReason } from '../../steps/execution/breach-reason';
import { deployTimeoutOf } from '../../steps/execution/executable-issue';
import { changeHosts } from './host-change';
import type { Release } from './release';
import { rollBack } from './roll-back';
import { show } from './show';
import { orStop, reasonOf, stopForPerson } from './stop';

type Answer = Extract<Next, { do: 'answer' }>;

/** What the issue has for a breach: a mitigation, a rollback, or a person. */
export const answerBreach = (release: Release, next: Answer): Promise<void> =>
  orStop(release, async () => {
    const { action } = next.answer;
    const reason = breachReason(release.record, next.rule_id);
    if (action === 'pause') return stopForPerson(release, reason);
    if (action === 'rollback') {
      const { risk } = next.answer;
      const given = { action, rule_id: next.rule_id, succeeded: true };
      release.record.answered.push({ ...given, ...(risk !== undefined && { risk }) });
      return rollBack(release, reason);
    }
    await mitigate(release, next);
  });

/** A mitigation that fails is an answer too: the rule is judged anew, and the next breach gets the next answer. */
async function mitigate(
  release: Release,
  { rule_id: ruleId, answer, host_ids: hosts, batch_id: batch }: Answer,
): Promise<void> {
  const { record, issue } = release;
  const { action, risk } = answer;
  const wish = {
    ...({ type: 'mitigate', action, host_ids: hosts } as const),
    ...(risk !== undefined && { risk }),
  };
  const verdict = release.check(wish);
  if (!verdict.allowed)
    return stopForPerson(release, { code: verdict.code, text: verdict.message, rule_id: ruleId });
  release.enter('repairing', record.breach);
  show(release);
  let began = release.isoNow();
  const summary = `batch ${batch}: ${action} for ${ruleId}`;
  const ended = await changeHosts(release, wish, {
    ...{ timeoutMs: deployTimeoutOf(issue), summary },
    begun: (at) => void (began = at),
  }).catch((error: unknown) => ({ end: 'failed' as const, text: reasonOf(error).text }));
  const succeeded = ended.end === 'succeeded';
  release.add({ ...release.withDigest(wish), at: began, ended_at: release.isoNow() });
  record.answered.push({ action, rule_id: ruleId, succeeded, ...(risk !== undefined && { risk }) });
  release.note(
    'mitigate',
    succeeded ? `${action} is done` : `${action} failed: ${ended.text || ended.end}`,
  );
}
