import type { CatalogueMetric, RuleUnit } from '../../domain/metrics';
import { levelFits, type GroupLevel, type KnownGroup } from '../knowledge/metric-groups';
import { isPattern, matches } from '../knowledge/glob';
import { parses, scopeMatchers, selector } from './promql';
import { groupedBy } from './promql-matchers';
import { countedName, expressionsOf, type Subject } from './expression';

/**
 * A rule without its threshold. `watched` selects the series whose presence shows whether it can be judged;
 * `worstHost`: its value is already that of a single host.
 */
export type RuleForm = { level: GroupLevel; expr: string; watched: string; worstHost?: true };

/** The rules that a metric can have in a group, the best first: by the levels of the knowledge base, then by type. */
export function ruleForms(subject: Subject, group: KnownGroup): RuleForm[] {
  const known = group.levels.filter((level) => levelFits(level, subject.metric));
  const levels = known.length > 0 ? known : [genericLevel(subject.metric, group)];
  return levels.flatMap((level) => formsOf(subject, level));
}

/** Empty if the level needs a metric that does not exist, or its expression is not valid PromQL. */
function formsOf(subject: Subject, level: GroupLevel): RuleForm[] {
  const { metric, scope } = subject;
  if (!isSensible(metric, level)) return [];
  const watched = selector(countedName(metric), scopeMatchers(scope));
  return expressionsOf(subject, level)
    .filter(parses)
    .flatMap((expr): RuleForm[] => {
      if (scope.kind !== 'hosts') return [{ level, expr, watched }];
      const byHost = groupedBy(expr, scope.label);
      if (byHost === undefined) return [];
      // A full disk matters even if the others are empty.
      const worst = `${level.op === '>' ? 'max' : 'min'}(${byHost})`;
      return [{ level, expr: worst, watched, worstHost: true }];
    });
}

type FormName = GroupLevel['form'];
const OF_COUNTERS: readonly FormName[] = [
  ...(['rate', 'increase', 'errors', 'ratio', 'share', 'mean', 'resets'] as const),
];
const OF_GAUGES: readonly FormName[] = [
  ...(['value', 'ratio', 'share', 'changes', 'resets', 'delta', 'growth', 'predict'] as const),
  ...(['age', 'remaining', 'count'] as const),
];
const OF_FAMILIES: readonly FormName[] = ['quantile', 'mean', 'rate', 'increase', 'errors'];

/** The forms that suit each type; for an unknown type the knowledge base decides. */
const FORMS: Readonly<Record<CatalogueMetric['type'], readonly FormName[]>> = {
  counter: OF_COUNTERS,
  gauge: OF_GAUGES,
  histogram: OF_FAMILIES,
  summary: OF_FAMILIES,
  unknown: [...OF_COUNTERS, ...OF_GAUGES],
};

/**
 * Exporters often report wrong types, so a document that names the exact metric has priority, except for forms that
 * only a histogram or summary has.
 */
function isSensible({ name, type }: CatalogueMetric, { form, match, of }: GroupLevel): boolean {
  const isFamily = type === 'histogram' || type === 'summary';
  if (form === 'quantile' || (form === 'mean' && of === undefined)) return isFamily;
  const named = match.some((pattern) => !isPattern(pattern) && matches(pattern, name));
  return FORMS[type].includes(form) || (named && !isFamily);
}

const GENERIC: Readonly<Record<CatalogueMetric['type'], FormName>> = {
  counter: 'rate',
  gauge: 'value',
  histogram: 'quantile',
  summary: 'quantile',
  unknown: 'value',
};

/** The level of a metric that the knowledge base does not know; its threshold comes from history alone. */
function genericLevel(metric: CatalogueMetric, group: KnownGroup): GroupLevel {
  const form = GENERIC[metric.type];
  const falls = group.signal === 'traffic' || group.signal === 'availability';
  return {
    match: [metric.name],
    form,
    aggregate: form === 'value' ? 'max' : 'sum',
    op: falls ? '<' : '>',
    unit: unitOf(metric, form),
    default: null,
    for: '300s',
    severity: 'medium',
    source: 'history of this metric',
    document: null,
  };
}

function unitOf({ unit, name }: CatalogueMetric, form: GroupLevel['form']): RuleUnit {
  const isRate = form === 'rate';
  if (/cpu/.test(name) && unit === 'seconds' && isRate) return 'cores';
  if (unit === 'seconds' && !isRate) return 'seconds';
  if (unit === 'bytes') return isRate ? 'bytes_per_second' : 'bytes';
  if (unit === 'ratio' && !isRate) return 'ratio';
  return isRate ? 'per_second' : 'count';
}
