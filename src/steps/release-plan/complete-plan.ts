import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import type { WatchedGroup } from '../../domain/metrics';
import { STEP, WARNING } from '../../domain/names';
import type { ReleasePlan } from '../../domain/release-plan';
import type { Risk, Severity } from '../../domain/risk';
import type { StepOutcome, Warning } from '../../domain/step-result';
import { fitObservation } from './fit-observation';
import type { WeeklyTraffic } from './observation-window';
import { frozenBatch, outsideHours, timelineOf } from './plan-timeline';
import { totalSeconds } from './plan-batches';
import { formatDuration } from '../text/format-duration';
import { parseSeconds } from '../text/parse-seconds';

export type CompletionFacts = {
  groups: readonly WatchedGroup[];
  traffic: WeeklyTraffic | null;
  risks: readonly Pick<Risk, 'severity'>[];
  policy: RolloutDocument;
  /** All policies: some freezes apply everywhere. */
  policies: readonly RolloutDocument[];
  /** When the first batch may begin. */
  now: Date;
};

const WORST_FIRST: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/**
 * Completes the gray plan once metrics and risks are known: how long each batch is observed, whether metrics can judge
 * it, and what conflicts with its time (a freeze, the working hours, the longest plan of the policy).
 */
export function completePlan(
  { result, warnings }: StepOutcome<ReleasePlan>,
  facts: CompletionFacts,
): StepOutcome<ReleasePlan> {
  const strategy = result.details.gray_strategy;
  const batches = fitObservation(strategy.batches, {
    groups: facts.groups,
    traffic: facts.traffic,
    servingHosts: strategy.serving_hosts,
    startsAt: Math.floor(facts.now.getTime() / 1000),
    worstSeverity: WORST_FIRST.find((severity) => facts.risks.some((r) => r.severity === severity)),
    policy: facts.policy,
  });
  const total = totalSeconds(batches);
  const all = [...warnings, ...warningsOf(batches, total, facts)];
  return {
    warnings: all,
    result: {
      ...result,
      status: all.length > 0 ? 'warning' : result.status,
      details: {
        ...result.details,
        gray_strategy: { ...strategy, batches, total_time: `${total}s` },
      },
    },
  };
}

type Batches = ReleasePlan['details']['gray_strategy']['batches'];

function warningsOf(batches: Batches, total: number, facts: CompletionFacts): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) =>
    warnings.push({ step_name: STEP.releasePlan, code, message });
  const blind = batches.filter(({ judgement }) => judgement?.by === 'blind');
  if (blind[0] !== undefined) warn(WARNING.batchNotJudgeable, blindText(blind));
  const { policy, policies, now } = facts;
  const slots = timelineOf(batches, now);
  const frozen = frozenBatch(slots.slice(1), policy, policies);
  if (frozen !== undefined) {
    const { id, owner, reason, until } = frozen.freeze;
    const message = `if the release begins as early as it may, batch ${frozen.batch_id} begins during the freeze ${id} (${reason}), which ends at ${until}; the owner is ${owner}`;
    warn(WARNING.planReachesFreeze, message);
  }
  const outside = outsideHours(slots, policy.working_hours);
  if (outside.length > 0) {
    const begins = outside.length === 1 ? 'begins' : 'begin';
    warn(WARNING.outsideWorkingHours, `${batchNames(outside)} ${begins} outside working hours`);
  }
  const longest = policy.max_total_time;
  if (longest !== undefined && total > parseSeconds(longest)) {
    warn(
      WARNING.planTooLong,
      `the plan takes ${formatDuration(total)}; policy ${policy.id} allows at most ${formatDuration(parseSeconds(longest))}`,
    );
  }
  return warnings;
}

/** One sentence for all batches, with the figures of the first one where they differ. */
function blindText(batches: Batches): string {
  const names = batchNames(batches.map(({ batch_id }) => batch_id));
  const reasons = [...new Set(batches.map(({ judgement }) => judgement?.reason ?? ''))];
  const [first = ''] = reasons;
  if (reasons.length === 1) return `${names}: ${first}`;
  return `${names} cannot be judged by metrics; batch ${batches[0]?.batch_id ?? ''}: ${first.replace(/^cannot be judged by metrics: /, '')}`;
}

/** `batch 2`, `batches 1 and 2`, `batches 1, 2 and 3`. */
function batchNames(ids: readonly number[]): string {
  const [last, ...others] = [...ids].reverse();
  if (others.length === 0) return `batch ${last ?? ''}`;
  return `batches ${others.reverse().join(', ')} and ${last ?? ''}`;
}
