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

/**
 * A rule's comparison for one batch, also of a fleet whose expressions the issue does not hold; undefined where there
 * is none, or no host is left to compare with.
 */
export function comparisonFor(
  details: Pick<MetricAnalysisDetails, 'metrics' | 'host_sets'>,
  batches: readonly Pick<Batch, 'batch_id' | 'hosts'>[],
  { rule_id: id, batch_id: batchId }: { rule_id: string; batch_id: number },
): string | undefined {
  const rules = details.metrics.flatMap(({ rules: own }) => own);
  const rule = rules.find((one) => (one.rule_id ?? one.candidate) === id);
  const { relative, host_set: index } = rule ?? {};
  const known = relative?.batches?.find(({ batch_id }) => batch_id === batchId)?.expr;
  const label = index === undefined ? undefined : details.host_sets?.[index];
  if (known !== undefined || relative === undefined || label === undefined) return known;
  if (label.label !== relative.host_label) return undefined;
  const split = splitsOf(label, batches).find(({ batch_id }) => batch_id === batchId);
  return split && filledFor(relative.expr, split.own, split.others);
}
