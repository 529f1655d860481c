import { isCancellation } from '@temporalio/workflow';
import type { MetricOutcome, MetricSelection, MetricShortlist } from '../domain/metrics';
import { STEP } from '../domain/names';
import type { ReleaseRequest } from '../domain/release';
import type { Conflict } from '../domain/release-claim';
import type { ReleasePlan } from '../domain/release-plan';
import type { RiskPrediction } from '../domain/risk';
import type { ServiceChain } from '../domain/service-chain';
import type { StepOutcome } from '../domain/step-result';
import type { Activities } from '../activities';
import { closestCallees, closestCallers } from '../steps/service-chain/closest-neighbours';
import { activities } from './activity-options';
import { neighbours } from './release-checks';
import type { Claim } from './service-claim';
import type { Outcomes } from './step-outcomes';
import type { ProgressTracker } from './progress-tracker';
import { reasonOf } from './step-failure';

/** What a run holds: its steps' outcomes, what it shows, and its claim on the service. */
export type Run = { outcomes: Outcomes; progress: ProgressTracker; claim: Claim };
export type Verified = Pick<
  Awaited<ReturnType<Activities['verifyVersion']>>,
  'request' | 'outcome' | 'verified'
>;
export type Parts = {
  /** Neighbours that are being released, where the request overrides them. */
  conflicts: Conflict[];
  risks: StepOutcome<RiskPrediction> | { unavailable: string };
  metrics: MetricOutcome;
  plan: StepOutcome<ReleasePlan>;
};

/** In parallel; all branches end before this returns, so that no activity outlives the run. */
export async function analyse(verified: Verified, run: Run): Promise<Parts> {
  const { outcomes, progress } = run;
  const { service, allow_unknown_service: allowUnknown } = verified.request;
  progress.enter('analysing');
  const now = new Date().toISOString();
  const chain = outcomes.once('traceServiceChain', () => traceChain(service, now));
  const risks = outcomes.once('predictRisks', () => predictRisks(verified, chain, progress));
  const [near, risk, metric, plan] = await Promise.allSettled([
    chain.then((traced) =>
      outcomes.once('checkNeighbours', () => neighbours(verified, traced.chain)),
    ),
    risks,
    outcomes.whole('metrics', () =>
      analyseMetrics({ service, now, allowUnknown, chain, risks }, run),
    ),
    outcomes.once('planGrayStrategy', () => planGrayStrategy(verified.request, progress)),
  ]);
  for (const branch of [near, risk, metric, plan]) {
    if (branch.status === 'rejected' && isCancellation(branch.reason)) throw branch.reason;
  }
  if (near.status === 'rejected') throw near.reason;
  if (metric.status === 'rejected') throw metric.reason;
  if (plan.status === 'rejected') throw plan.reason;
  return {
    conflicts: near.value,
    risks: risk.status === 'fulfilled' ? risk.value : { unavailable: reasonOf(risk.reason) },
    metrics: metric.value,
    plan: plan.value,
  };
}

async function predictRisks(
  { request, outcome }: Verified,
  traced: Promise<TracedChain>,
  progress: ProgressTracker,
): Promise<StepOutcome<RiskPrediction>> {
  return progress.during(STEP.riskPrediction, async () => {
    const { chain, chainError } = await traced;
    return activities.predictRisks.executeWithOptions({ summary: 'knowledge base and model' }, [
      {
        service: request.service,
        version: request.version,
        currentVersions: outcome.result.details.current_versions,
        hosts: outcome.result.details.hosts.total,
        chain,
        chainError,
      },
    ]);
  });
}

type TracedChain = { chain: ServiceChain | null; chainError?: string };

/** Without a chain the risks of the service itself can still be predicted; the issue says what is missing. */
async function traceChain(service: string, now: string): Promise<TracedChain> {
  try {
    const chain = await activities.traceServiceChain.executeWithOptions(
      { summary: `callers and callees of ${service}` },
      [{ service, now }],
    );
    return { chain };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { chain: null, chainError: reasonOf(error) };
  }
}

type MetricFacts = {
  service: string;
  now: string;
  allowUnknown: boolean | undefined;
  chain: Promise<TracedChain>;
  risks: Promise<StepOutcome<RiskPrediction>>;
};

async function analyseMetrics(
  facts: MetricFacts,
  { outcomes, progress }: Run,
): Promise<MetricOutcome> {
  const { service, now, allowUnknown } = facts;
  return progress.during(STEP.metricAnalysis, async () => {
    const shortlist = await outcomes.once('shortlistMetrics', () =>
      activities.shortlistMetrics.executeWithOptions(
        { summary: 'the whole metric catalogue → a few hundred' },
        [{ service, now, ...(allowUnknown && { allow_unknown_service: true }) }],
      ),
    );
    const selection = await outcomes.once('selectMetrics', () => selectMetrics(shortlist, facts));
    return outcomes.once('setThresholds', () =>
      activities.setThresholds.executeWithOptions({ summary: 'levels from the running system' }, [
        { selection, now },
      ]),
    );
  });
}

async function selectMetrics(
  shortlist: MetricShortlist,
  { now, chain, risks }: MetricFacts,
): Promise<MetricSelection> {
  const known = await risks.then(
    ({ result }) =>
      result.details.risks.map(({ type, watch, severity }) => ({ type, watch, severity })),
    (error: unknown) => {
      if (isCancellation(error)) throw error;
      return null;
    },
  );
  // Risks are predicted after the chain, so this does not wait.
  const traced = (await chain).chain;
  const neighbours = closestCallers(traced);
  const callees = closestCallees(traced);
  return activities.selectMetrics.executeWithOptions(
    { summary: known === null ? 'without risks' : `for ${known.length} risks` },
    [{ shortlist, risks: known, neighbours, callees, now }],
  );
}

async function planGrayStrategy(
  { service, version, hosts }: ReleaseRequest,
  progress: ProgressTracker,
): Promise<StepOutcome<ReleasePlan>> {
  return progress.during(STEP.releasePlan, () =>
    activities.planGrayStrategy.executeWithOptions(
      { summary: hosts === undefined ? 'all hosts' : `${hosts.length} hosts asked for` },
      [{ service, version, hosts }],
    ),
  );
}
