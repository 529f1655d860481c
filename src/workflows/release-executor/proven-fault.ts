import type { ExecutionReason } from '../../domain/execution/execution';
import type { RuleRecord } from '../../guard/breaches';
import type { Sample } from '../../guard/guard';
import { viewOf } from '../../guard/issue-view';
import { compare } from '../../steps/execution/comparison/sequential-comparison';
import { ruleOfId } from '../../steps/execution/executable-issue';
import { rollBack } from './roll-back';
import type { Release } from './release';
import { stopForPerson } from './stop';

/** Adds samples of a comparison with other hosts to its sequential test; the reason to stop where it proves a fault. */
export function provenFault(
  { record, issue }: Release,
  { rule, from, until, observedMs }: RuleRecord,
  samples: readonly Sample[],
): ExecutionReason | undefined {
  const id = rule.rule_id;
  const calm = ruleOfId(issue, id)?.rule.relative?.calm;
  if (!rule.isComparison || calm === undefined) return undefined;
  const view = viewOf(issue);
  const compared = [...view.rules.values()].filter((one) => one.isComparison && one.gates).length;
  // What a person has let go on is tested anew.
  const resumed = record.state.pauses.map(({ to = 0 }) => to);
  const { compared: next, proven } = compare(
    {
      ...{ rule, calm, until, observedMs, from: Math.max(from, ...resumed) },
      tests: compared * view.batches.length,
    },
    record.compared?.[id],
    samples,
  );
  record.compared = { ...record.compared, [id]: next };
  if (!proven) return undefined;
  return {
    code: 'Breached',
    text: `Rule ${id}: the batch is worse than the hosts that are not released, by a sequential test.`,
    source: rule.limitPointer,
  };
}

/** By the last answer of the rule: repairs answer breaches of a level, which this is not. */
export function answerProven(release: Release, reason: ExecutionReason): Promise<void> | void {
  const { record, issue } = release;
  const id = record.breach?.rule_id;
  const answers = id === undefined ? [] : (viewOf(issue).rules.get(id)?.onBreach ?? []);
  const stop = record.breach ?? reason;
  if (answers[answers.length - 1]?.action === 'rollback') return rollBack(release, stop);
  stopForPerson(release, stop);
}
