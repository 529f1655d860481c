import type { Prometheus } from '../adapters/prometheus/prometheus';
import type { Issue } from '../domain/issue';
import type { Event, State } from '../guard/guard';
import { comparisonIdOf, viewOf } from '../guard/issue-view';
import { guardSamples, LOOK_BACK_SECONDS, sampleStepMs } from '../steps/execution/guard-samples';

type Judge = Extract<Event, { type: 'judge' }>;

/**
 * The judgements of rules over the current batch, from its deploy until now, as events for the guard's state: samples
 * as Prometheus has them. A rule that cannot be asked for has no samples, which the guard takes for no data.
 */
export async function judgeRules(
  prometheus: Pick<Prometheus, 'queryRange'>,
  issue: Issue,
  { state, now, ruleIds }: { state: State; now: number; ruleIds?: readonly string[] },
): Promise<Judge[]> {
  const batch = state.batches[state.batches.length - 1];
  if (batch === undefined || batch.promotedAt !== undefined) return [];
  const view = viewOf(issue);
  const stepSeconds = sampleStepMs(view.batchById.get(batch.batch_id)?.observationMs ?? NaN) / 1000;
  const asked = expressionsOf(issue, batch.batch_id).flatMap(([id, expr]) => {
    const rule = view.rules.get(id);
    return rule !== undefined && (ruleIds?.includes(id) ?? rule.gates) ? [{ rule, expr }] : [];
  });
  return Promise.all(
    asked.map(async ({ rule, expr }): Promise<Judge> => {
      const from = Math.max(batch.deployedAt, batch.repairs.at(-1)?.at ?? 0) + rule.lookBackMs;
      const start = Math.ceil(from / 1000 / stepSeconds) * stepSeconds;
      const end = Math.floor(now / 1000 / stepSeconds) * stepSeconds;
      const range = { start, end, stepSeconds, lookBackSeconds: LOOK_BACK_SECONDS };
      const samples =
        end > start ? guardSamples((await prometheus.queryRange(expr, range)).data) : [];
      return {
        ...{ type: 'judge', rule_id: rule.rule_id, batch_id: batch.batch_id, samples },
        ...{ at: new Date(now).toISOString(), digest: issue.digest },
      };
    }),
  );
}

/** What is asked of Prometheus for each rule in a batch, its comparison with other hosts included. */
const expressionsOf = (issue: Issue, batchId: number): [ruleId: string, expr: string][] =>
  issue.steps[1].details.metrics
    .flatMap(({ rules }) => rules)
    .flatMap(({ rule_id, candidate, expr, relative }) => {
      const id = rule_id ?? candidate;
      const compared = relative?.batches?.find(({ batch_id: of }) => of === batchId);
      return compared === undefined
        ? [[id, expr]]
        : [
            [id, expr],
            [comparisonIdOf(id), compared.expr],
          ];
    });
