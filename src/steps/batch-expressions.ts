import type { HostRef } from '../domain/host';
import type { MetricAnalysisDetails, RelativeRule, Rule } from '../domain/metrics';
import type { Batch } from '../domain/release-plan';
import { valuesOfHosts, type HostLabel } from './host-labels';
import { filledFor } from './relative-rule';

/** Each host stands in the expression of every batch: in a larger fleet the executor fills the template in. */
const MAX_HOSTS = 200;

/**
 * The relative rules once the batches are known: one expression a batch, its hosts against those that are not
 * released yet. A batch after which nobody is left has none, nor has one without series.
 */
export const withBatchExpressions = (
  details: MetricAnalysisDetails,
  batches: readonly Pick<Batch, 'batch_id' | 'hosts'>[],
): MetricAnalysisDetails => ({
  ...details,
  metrics: details.metrics.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => filledRule(rule, details.host_sets ?? [], batches)),
  })),
});

function filledRule(
  rule: Rule,
  hostSets: readonly HostLabel[],
  batches: readonly Pick<Batch, 'batch_id' | 'hosts'>[],
): Rule {
  const { relative, host_set: index } = rule;
  const hosts = index === undefined ? undefined : hostSets[index];
  if (relative === undefined || hosts?.label !== relative.host_label) return rule;
  if (hosts.values.length > MAX_HOSTS) return rule;
  return { ...rule, relative: { ...relative, batches: expressionsOf(relative, hosts, batches) } };
}

function expressionsOf(
  { expr }: RelativeRule,
  label: HostLabel,
  batches: readonly Pick<Batch, 'batch_id' | 'hosts'>[],
): NonNullable<RelativeRule['batches']> {
  const released: HostRef[] = [];
  return batches.flatMap(({ batch_id, hosts }) => {
    released.push(...hosts);
    const gone = new Set(valuesOfHosts(label, released));
    const others = label.values.filter((value) => !gone.has(value));
    const filled = filledFor(expr, valuesOfHosts(label, hosts), others);
    return filled === undefined ? [] : [{ batch_id, expr: filled }];
  });
}
