import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { Host, HostRef } from '../domain/host';
import { FAILURE, STEP, WARNING } from '../domain/names';
import type { ReleasePlan } from '../domain/release-plan';
import type { Reasoning, StepOutcome, Warning } from '../domain/step-result';
import { PLAN_GRAY_STRATEGY } from '../prompts/plan-gray-strategy';
import { acceptObservations, acceptOrder, offeredHosts } from '../steps/release-plan/plan-proposal';
import { planBatches, type GrayPlan, type PlanFacts } from '../steps/release-plan/plan-batches';
import { choosePolicy, type ChosenPolicy } from '../steps/release-plan/rollout-policy';
import { serviceKind, type ServiceKind } from '../steps/knowledge/service-kind';
import { targetsOf } from '../steps/version/version-check';
import { askModel, fallbackWarnings } from './model/ask-model';
import { timestamp } from './runtime/clock';
import type { Deps } from './runtime/activity-deps';
import { withHeartbeat } from './runtime/heartbeat';
import { readOwnMetricsSoon } from './measure/service-facts';

const Proposal = z.strictObject({
  order: z.array(z.string()),
  batches: z.array(
    z.strictObject({ batch_id: z.int(), observation_seconds: z.number(), reason: z.string() }),
  ),
});

type PlanDeps = Pick<
  Deps,
  'releaseSystem' | 'knowledge' | 'model' | 'prometheus' | 'prometheusServiceLabels'
>;
export type PlanGrayStrategyArgs = { service: string; version: string; hosts?: HostRef[] };

/** Cuts the target hosts into batches by their running state and the rollout policy. */
export function planGrayStrategy(
  deps: PlanDeps,
  args: PlanGrayStrategyArgs,
): Promise<StepOutcome<ReleasePlan>> {
  const { service } = args;
  return withHeartbeat(async (signal) => {
    const [fleet, metrics] = await Promise.all([
      deps.releaseSystem.hostsOf(service, signal),
      readOwnMetricsSoon(deps, service, signal),
    ]);
    const detectedKind = serviceKind({ service, metrics }, deps.knowledge);
    const targets = targetsOf({ requested: args.hosts, hosts: fleet });
    const chosen = choosePolicy(
      {
        ...{ service, detectedKind, hosts: targets.length },
        regions: targets.flatMap(({ region }) => region ?? []),
      },
      deps.knowledge,
    );
    if (chosen === undefined)
      throw unplannable('the knowledge base has no rollout policy that applies to the service');
    const facts = { service, targets, fleet };
    const plan = planBatches(facts, chosen.policy);
    refuseUnhealthy(plan, chosen.policy);
    const { plan: accepted, reasoning } = await proposed(deps, {
      args,
      detectedKind,
      facts,
      plan,
      chosen,
    });
    const warnings = [
      ...fallbackWarnings(STEP.releasePlan, reasoning),
      ...excludedWarnings(plan.excluded_hosts),
    ];
    const policy = { policy: chosen.policy.id, policy_reason: chosen.reason };
    return {
      warnings,
      result: {
        step_name: STEP.releasePlan,
        status: warnings.length > 0 ? 'warning' : 'success',
        summary: `${accepted.batches.length} ${accepted.batches.length === 1 ? 'batch' : 'batches'} created`,
        details: { gray_strategy: { ...accepted, ...policy }, service, reasoning },
        timestamp: timestamp(),
      },
    };
  });
}

type Draft = {
  args: PlanGrayStrategyArgs;
  detectedKind: ServiceKind;
  facts: PlanFacts;
  plan: GrayPlan;
  chosen: ChosenPolicy;
};

/** The plan with what the model requests within the policy: an order of hosts and longer observations. */
async function proposed(
  deps: Pick<Deps, 'model'>,
  { facts, plan, chosen, ...draft }: Draft,
): Promise<{ plan: GrayPlan; reasoning: Reasoning }> {
  const offered = offeredHosts(facts.targets);
  const { value, reasoning } = await askModel(deps, {
    name: 'gray_plan',
    schema: Proposal,
    ...PLAN_GRAY_STRATEGY,
    facts: draftForPrompt({ ...draft, plan, chosen }, offered),
  });
  if (value === null) return { plan, reasoning };
  const order = acceptOrder(value, offered);
  const ordered = order.size > 0 ? planBatches({ ...facts, order }, chosen.policy) : plan;
  return { plan: acceptObservations(ordered, value, chosen.policy.max_observation), reasoning };
}

const draftForPrompt = (
  { args, detectedKind, plan, chosen }: Omit<Draft, 'facts'>,
  offered: readonly { id: string; host: Host }[],
) => ({
  service: args.service,
  version: args.version,
  kind: detectedKind.kind,
  longest_observation: chosen.policy.max_observation,
  batches: plan.batches.map(({ batch_id, hosts, observation_time, reason }) => ({
    batch_id,
    hosts: hosts.length,
    observation_time,
    reason,
  })),
  hosts: offered.map(({ id, host }) => ({
    id,
    zone: host.zone ?? null,
    cpu: host.load?.cpu ?? null,
    memory: host.load?.memory ?? null,
  })),
});

function refuseUnhealthy(plan: GrayPlan, { unhealthy, id }: ChosenPolicy['policy']): void {
  if (plan.batches.length === 0) throw unplannable('no target host is healthy now');
  const [first] = plan.excluded_hosts;
  if (unhealthy === 'exclude' || first === undefined) return;
  throw ApplicationFailure.nonRetryable(
    `policy ${id} allows no release while a host is unhealthy: ${first.host_id} (${first.reason}), ${plan.excluded_hosts.length} in total`,
    FAILURE.hostsUnhealthy,
  );
}

/** Most hosts with their own warning; the plan lists all of them. */
const MAX_EXCLUDED_WARNINGS = 20;

const excludedWarnings = (excluded: GrayPlan['excluded_hosts']): Warning[] =>
  excluded.slice(0, MAX_EXCLUDED_WARNINGS).map(({ host_id, reason }) => ({
    step_name: STEP.releasePlan,
    code: WARNING.hostExcluded,
    message: `${host_id} is left out of the plan: ${reason}`,
  }));

const unplannable = (reason: string) =>
  ApplicationFailure.nonRetryable(`no release plan is possible: ${reason}`, FAILURE.noTargetHosts);
