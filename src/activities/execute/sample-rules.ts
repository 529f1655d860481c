import type { Sample } from '../../guard/guard';
import { guardSamples, LOOK_BACK_SECONDS } from '../../steps/execution/guard-samples';
import type { Sampling } from '../../steps/execution/sampling';
import { comparisonFor } from '../../steps/metric-analysis/batch-expressions';
import type { Deps } from '../runtime/activity-deps';
import { withHeartbeat } from '../runtime/heartbeat';

export type Sampled = { rule_id: string; samples: Sample[]; fault?: string };
export type SampleRulesArgs = {
  samplings: Sampling[];
  /** Where comparisons with the other hosts are read. */
  issue_id?: string;
  batch_id?: number;
};

type SampleDeps = Pick<Deps, 'prometheus' | 'issueStore'>;

/**
 * The values of rules over a time, as Prometheus has them. What it cannot answer is a rule without samples and with the
 * reason: it is the guard that says what follows from missing data. A comparison that the batch has not is left out.
 */
export const sampleRules = (deps: SampleDeps, args: SampleRulesArgs): Promise<Sampled[]> =>
  withHeartbeat(async (signal) => {
    const { samplings } = args;
    const expressions = await comparisonsOf(deps, args).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      return undefined;
    });
    const sampled = await Promise.all(
      samplings.map(async (sampling): Promise<Sampled | undefined> => {
        const { rule_id, compares } = sampling;
        const expr = compares === undefined ? sampling.expr : expressions?.get(rule_id);
        if (expr === undefined)
          return expressions === undefined
            ? { rule_id, samples: [], fault: 'the issue could not be read' }
            : undefined;
        try {
          return { rule_id, samples: await read(deps, { ...sampling, expr }, signal) };
        } catch (error) {
          if (signal?.aborted) throw error;
          const reason = error instanceof Error ? error.message : String(error);
          return { rule_id, samples: [], fault: reason.slice(0, 500) };
        }
      }),
    );
    return sampled.filter((one) => one !== undefined);
  });

async function read(
  { prometheus }: SampleDeps,
  { expr, from, to, stepMs }: Sampling,
  signal: AbortSignal | undefined,
): Promise<Sample[]> {
  // On a grid of the step: the same time has the same value in each look.
  const stepSeconds = stepMs / 1000;
  const start = Math.ceil(from / stepMs) * stepSeconds;
  const end = Math.floor(to / stepMs) * stepSeconds;
  if (!(end >= start)) return [];
  const range = { start, end, stepSeconds, lookBackSeconds: LOOK_BACK_SECONDS };
  const { data } = await prometheus.queryRange(expr, range, signal);
  return guardSamples(data);
}

/** The expressions of the comparisons that are asked for, by rule; without those that the batch has not. */
async function comparisonsOf(
  { issueStore }: SampleDeps,
  { samplings, issue_id: id, batch_id }: SampleRulesArgs,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const asked = samplings.filter(({ compares }) => compares !== undefined);
  if (asked.length === 0 || id === undefined || batch_id === undefined) return found;
  const issue = await issueStore.get(id);
  if (issue === null) return found;
  const [, { details }, plan] = issue.steps;
  for (const { rule_id, compares = '' } of asked) {
    const { batches } = plan.details.gray_strategy;
    const expr = comparisonFor(details, batches, { rule_id: compares, batch_id });
    if (expr !== undefined) found.set(rule_id, expr);
  }
  return found;
}
