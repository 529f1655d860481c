import type { MetricAnalysisDetails, Rule } from '../../domain/metrics';
import type { Batch } from '../../domain/release-plan';
import { valuesOfHosts, type HostLabel } from '../metrics/host-labels';
import { filledFor } from '../rules/canary-ratio';

/** Each host stands in the expression of every batch: in a larger fleet the executor fills the template in. */
const MAX_HOSTS = 200;

/**
 * The relative rules once the batches are known: one expression a batch, its hosts against those that are not
 * released yet. A batch after which nobody is left has none, nor has one without series.
 */
export const withBatchExpressions = (
  details: MetricAnalysisDetails,
  batches: readonly Pick<Batch, 'batch_id' | 'hosts'>[],
): MetricAnalysisDetails => {
  // Once a host set, of which many rules have the same: to find a host's value is a search through all of them.
  const sets = (details.host_sets ?? []).map((label) => ({
    label: label.label,
    splits: label.values.length > MAX_HOSTS ? undefined : splitsOf(label, batches),
  }));
  return {
    ...details,
    metrics: details.metrics.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => filledRule(rule, sets)),
    })),
  };
};

/** The label values of a batch, and of the hosts that are not released after it. */
type Split = { batch_id: number; own: string[]; others: string[] };

function splitsOf(
  label: HostLabel,
  batches: readonly Pick<Batch, 'batch_id' | 'hosts'>[],
): Split[] {
  let left = label.values;
  return batches.map(({ batch_id, hosts }) => {
    const own = valuesOfHosts({ ...label, values: left }, hosts);
    const gone = new Set(own);
    left = left.filter((value) => !gone.has(value));
    return { batch_id, own, others: left };
  });
}

function filledRule(rule: Rule, sets: readonly { label: string; splits?: Split[] }[]): Rule {
  const { relative, host_set: index } = rule;
  const { label, splits } = (index === undefined ? undefined : sets[index]) ?? {};
  if (relative === undefined || splits === undefined || label !== relative.host_label) return rule;
  const batches = splits.flatMap(({ batch_id, own, others }) => {
    const expr = filledFor(relative.expr, own, others);
    return expr === undefined ? [] : [{ batch_id, expr }];
  });
  return { ...rule, relative: { ...relative, batches } };
}
