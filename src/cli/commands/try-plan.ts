import { planGrayStrategy } from '../../activities/plan-gray-strategy';
import { verifyVersion } from '../../activities/verify-version';
import type { Upstreams } from '../../bootstrap/create-deps';
import type { MetricOutcome } from '../../domain/metrics';
import type { ReleaseRequest } from '../../domain/release';
import type { ReleasePlan } from '../../domain/release-plan';
import type { StepOutcome } from '../../domain/step-result';
import { completePlan } from '../../steps/release-plan/complete-plan';
import { print, printJson, printView, tell } from '../print';
import { planAsMarkdown, planAsMermaid } from '../render/markdown/plan-markdown';
import { renderPlan } from '../render/plan';
import { metricsOf } from './try-metrics';
import { refuse } from './try-verify';

export type PlanFormat = { json?: boolean; markdown?: boolean; mermaid?: boolean };

/** `try plan`: the batches, with observation times from the running traffic. A pipe gets the StepResult as JSON. */
export async function tryPlan(
  deps: Upstreams,
  request: ReleaseRequest,
  { json, markdown, mermaid }: PlanFormat,
): Promise<void> {
  refuse(await verifyVersion(deps, request));
  const [plan, metrics] = await Promise.all([
    planGrayStrategy(deps, request),
    metricsOf(deps, request).catch((error: unknown) => {
      tell(`metrics are not known, so the policy's times are used: ${(error as Error).message}`);
      return null;
    }),
  ]);
  const joined = metrics === null ? plan : withMetrics(deps, plan, metrics);
  if (mermaid) return print(planAsMermaid(joined));
  if (markdown) return print(planAsMarkdown(joined));
  return json || !process.stdout.isTTY
    ? printJson({ ...joined.result, warnings: joined.warnings })
    : printView(joined, renderPlan);
}

function withMetrics(
  { knowledge }: Upstreams,
  plan: StepOutcome<ReleasePlan>,
  metrics: MetricOutcome,
): StepOutcome<ReleasePlan> {
  const id = plan.result.details.gray_strategy.policy;
  const policy = knowledge.rollout.find((one) => one.id === id);
  if (policy === undefined) return plan;
  return completePlan(plan, {
    groups: metrics.result.details.metrics,
    traffic: metrics.traffic,
    risks: [],
    policy,
    policies: knowledge.rollout,
    now: new Date(),
  });
}
