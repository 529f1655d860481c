import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { HostRef } from '../domain/host';
import { FAILURE, STEP, WARNING } from '../domain/names';
import type { ReleasePlan } from '../domain/release-plan';
import type { StepOutcome } from '../domain/step-result';
import { kindOf, rolloutOf } from '../steps/knowledge-lookup';
import { acceptPlanProposal, planBatches } from '../steps/release-plan';
import { targetsOf } from '../steps/version-check';
import { askModel, fallbackWarnings } from './ask-model';
import { timestamp } from './clock';
import type { Deps } from './deps';
import { withPulse } from './heartbeat';

const Proposal = z.strictObject({
  batches: z.array(z.strictObject({ batch_id: z.int(), observation_seconds: z.number() })),
});
const SYSTEM = `You review the gray release plan of one service. For each batch you may ask for a longer
observation, in seconds, when the facts give a reason. Name only batches of the plan. You can shorten nothing.`;

/** Cuts the target hosts into batches by their running state and the rollout policy. */
export function planGrayStrategy(
  deps: Pick<Deps, 'releaseSystem' | 'knowledge' | 'model'>,
  args: { service: string; version: string; hosts?: HostRef[] },
): Promise<StepOutcome<ReleasePlan>> {
  const { service, version } = args;
  return withPulse(async (signal) => {
    const hosts = await deps.releaseSystem.hostsOf(service, signal);
    const policy = rolloutOf(service, deps.knowledge);
    if (policy === undefined) throw unplannable('the knowledge base has no rollout policy for it');
    const plan = planBatches(service, targetsOf({ requested: args.hosts, hosts }), policy);
    if (plan.batches.length === 0) throw unplannable('no target host is healthy any more');
    const { value, reasoning } = await askModel(deps, {
      name: 'gray_plan',
      schema: Proposal,
      system: SYSTEM,
      facts: {
        service,
        version,
        kind: kindOf(service, deps.knowledge),
        batches: sizesOf(plan.batches),
      },
    });
    const accepted =
      value === null ? plan : acceptPlanProposal(plan, value, policy.max_observation);
    const warnings = [
      ...fallbackWarnings(STEP.releasePlan, reasoning),
      ...plan.excluded_hosts.slice(0, 20).map(({ host_id, reason }) => ({
        step_name: STEP.releasePlan,
        code: WARNING.hostExcluded,
        message: `${host_id} is left out: ${reason}`,
      })),
    ];
    return {
      warnings,
      result: {
        step_name: STEP.releasePlan,
        status: warnings.length > 0 ? 'warning' : 'success',
        summary: `${accepted.batches.length} batches created`,
        details: { gray_strategy: { ...accepted, policy: policy.id }, service, reasoning },
        timestamp: timestamp(),
      },
    };
  });
}

const sizesOf = (batches: ReleasePlan['details']['gray_strategy']['batches']) =>
  batches.map(({ batch_id, hosts, observation_time, reason }) => ({
    batch_id,
    hosts: hosts.length,
    observation_time,
    reason,
  }));

const unplannable = (reason: string) =>
  ApplicationFailure.nonRetryable(`no gray plan: ${reason}`, FAILURE.noTargetHosts);
