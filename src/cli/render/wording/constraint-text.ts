import type { Issue } from '../../../domain/issue';
import type { Texts } from '../../texts/texts';

/** Ways of answering a breach that are named; the JSON has all. */
const MAX_ANSWERS = 6;
/** Versions that a rollback leads to; a mixed fleet has few. */
const MAX_TARGETS = 5;

/**
 * What the issue demands of whoever carries the release out: approvals, the earliest begin, the answers to breaches in
 * their order, and what a rollback leads to. Empty for an issue of before 0.2.0.
 */
export function constraintText(issue: Issue, { t }: Texts): string[] {
  const { approvals, not_before: notBefore, rollback } = issue;
  const targets = Object.entries(rollback?.targets ?? {});
  const named = targets
    .slice(0, MAX_TARGETS)
    .map(([version, hosts]) => t('constraint.target', { version, count: hosts.length }));
  const unknown = rollback?.unknown?.length ?? 0;
  return [
    ...(approvals !== undefined && approvals.required > 0
      ? [t('constraint.approvals', { count: approvals.required, reason: approvals.reason })]
      : []),
    ...(notBefore === undefined ? [] : [t('constraint.notBefore', { time: notBefore })]),
    ...breachAnswers(issue).map(([answers, count]) => t('constraint.breach', { answers, count })),
    ...(named.length === 0
      ? []
      : [t('constraint.rollback', { targets: cut(named, targets.length - named.length, t) })]),
    ...(unknown === 0 ? [] : [t('constraint.noTarget', { count: unknown })]),
  ];
}

const cut = (named: readonly string[], rest: number, t: Texts['t']): string =>
  [...named, ...(rest > 0 ? [t('more', { count: rest })] : [])].join(', ');

/** The rules that stop the release by the actions that answer their breaches in order, the most frequent first. */
function breachAnswers({ steps: [, metrics] }: Issue): [answers: string, rules: number][] {
  const counts = new Map<string, number>();
  const rules = metrics.details.metrics.flatMap((group) => group.rules);
  for (const { gates, on_breach: answers } of rules) {
    if (gates !== true || answers === undefined) continue;
    const key = answers.map(({ action }) => action).join(' → ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_ANSWERS);
}
