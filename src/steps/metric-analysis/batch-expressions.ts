import type { MetricAnalysisDetails, Rule } from '../../domain/metrics';
import type { Batch } from '../../domain/release-plan';
import { valuesOfHosts, type HostLabel } from '../metrics/host-labels';
import { filledFor } from '../rules/canary-ratio';

/** Every batch's expression lists all hosts; for a larger fleet the executor fills in the template. */
const MAX_HOSTS = 200;

/**
 * The relative rules once the batches are known: one expression per batch, which compares its hosts with those not yet
 * released. None for a batch without series, or after which no host is left.
 */
export const withBatchExpressions = (
  details: MetricAnalysisDetails,
  batches: readonly Pick<Batch, 'batch_id' | 'hosts'>[],
): MetricAnalysisDetails => {
  // Cached by host set, which many rules share: finding a host's value searches all values.
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
