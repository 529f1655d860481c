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

export type JoinFacts = {
  groups: readonly WatchedGroup[];
  traffic: WeeklyTraffic | null;
  risks: readonly Pick<Risk, 'severity'>[];
  policy: RolloutDocument;
  /** All policies: some freezes hold everywhere. */
  policies: readonly RolloutDocument[];
  now: Date;
};

const WORST_FIRST: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/**
 * The gray plan once metrics and risks are known: how long each batch must be looked at, whether it can be judged at
 * all, and what stands in the way of its time (a freeze, the night, the policy's longest plan).
 */
export function joinPlan(
  { result, warnings }: StepOutcome<ReleasePlan>,
  facts: JoinFacts,
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

function warningsOf(batches: Batches, total: number, facts: JoinFacts): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) =>
    warnings.push({ step_name: STEP.releasePlan, code, message });
  const blind = batches.filter(({ judgement }) => judgement?.by === 'blind');
  if (blind[0] !== undefined) {
    const ids = blind.map(({ batch_id }) => batch_id).join(', ');
    warn(WARNING.batchNotJudgeable, `batch ${ids}: ${blind[0].judgement?.reason ?? ''}`);
  }
  const { policy, policies, now } = facts;
  const slots = timelineOf(batches, now);
  const frozen = frozenBatch(slots.slice(1), policy, policies);
  if (frozen !== undefined) {
    const { id, owner, reason, until } = frozen.freeze;
    const message = `if the release begins now, batch ${frozen.batch_id} begins inside freeze ${id} (${reason}; ask ${owner}), which ends at ${until}`;
    warn(WARNING.planReachesFreeze, message);
  }
  const outside = outsideHours(slots, policy.working_hours);
  if (outside.length > 0) {
    warn(WARNING.outsideWorkingHours, `batch ${outside.join(', ')} begins outside working hours`);
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
