import type { Outcome } from '../../domain/records/outcome';
import { comparisonIdOf } from '../../guard/issue-view';
import { rulesById } from './executable-issue';
import type { ReleaseRecord } from './release-record';
import { quantileOf } from './tally';

type Risk = Outcome['risks'][number];

/** How a release went: what was predicted against what happened. */
export function outcomeOf(record: ReleaseRecord, endedAt: string): Outcome {
  const { issue, startedAt, batches, actions, left } = record;
  const result = resultOf(record);
  const reason = record.aborted ?? record.rollbackReason ?? record.reason;
  return {
    ...{ issue_id: issue.issue_id, digest: issue.digest, result },
    ...{ started_at: startedAt, ended_at: endedAt },
    ...(result !== 'completed' && reason !== undefined && { reason: textOf(reason) }),
    batches,
    rules: rulesOf(record),
    risks: risksOf(record),
    actions,
    ...(left !== undefined && left.length > 0 && { hosts_left: left }),
  };
}

/** What was measured of each rule; a comparison with other hosts is a rule of its own. */
function rulesOf({ issue, tallies }: ReleaseRecord): Outcome['rules'] {
  const measured = (rule_id: string, predicted: Outcome['rules'][number]['predicted']) => {
    const tally = tallies[rule_id];
    if (tally === undefined) return [];
    const [p50, p99] = [quantileOf(tally, 0.5), quantileOf(tally, 0.99)];
    const { breaches, breachedAt } = tally;
    const since = breachedAt !== undefined && { breached_at: breachedAt };
    return [{ rule_id, predicted, actual: { p50, p99, breaches, ...since } }];
  };
  return [...rulesById(issue)].flatMap(([id, { predicted, threshold, relative }]) => [
    ...measured(id, { ...predicted, threshold }),
    ...(relative === undefined
      ? []
      : measured(comparisonIdOf(id), {
          ...{ p50: relative.calm?.ratio ?? null, p99: null, threshold: relative.ratio },
        })),
  ]);
}

function resultOf({ state, left, phase }: ReleaseRecord): Outcome['result'] {
  if (left !== undefined && left.length > 0) return 'needs_person';
  if (state.ended?.how === 'finished') return 'completed';
  if (state.rolledBackAt !== undefined) return 'rolled_back';
  return state.ended?.how === 'aborted'
    ? 'aborted'
    : phase === 'aborted'
      ? 'aborted'
      : 'needs_person';
}

const textOf = (
  reason: { code: string; text: string } | { by: string; reason: string },
): { code: string; text: string } =>
  'code' in reason
    ? { code: reason.code, text: reason.text }
    : { code: 'Aborted', text: `${reason.by}: ${reason.reason}` };

/** A risk happened where a breach was answered by its plan. */
function risksOf({ issue, answered, state }: ReleaseRecord): Risk[] {
  return issue.steps[3].details.risks.map(({ type }): Risk => {
    const own = answered.filter(({ risk }) => risk === type);
    const last = own[own.length - 1];
    if (last === undefined) return { type, predicted: true, happened: false };
    const recovered = state.rolledBackAt === undefined && state.ended?.how === 'finished';
    return {
      ...{ type, predicted: true, happened: true, mitigation: last.action },
      // One that failed mitigated nothing, even where the series recovered.
      mitigated: last.succeeded && recovered,
    };
  });
}
