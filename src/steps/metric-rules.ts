import type { CatalogueMetric, MetricScope, RuleUnit } from '../domain/metrics';
import { levelFits, type GroupLevel, type KnownGroup } from './known-groups';
import { captures, fill, matches } from './name-pattern';
import { parses, scopeMatchers, selector } from './promql';

/** A rule without its threshold. `watched` selects the series whose presence tells whether it can be judged. */
export type RuleForm = { level: GroupLevel; expr: string; watched: string };

/** Long enough for four scrapes a minute apart, short enough for an observation of ten minutes. */
export const RATE_WINDOW = '5m';
const DEFAULT_QUANTILE = 0.99;
const LABEL_OF_MATCHER = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)/;

type Subject = {
  metric: CatalogueMetric;
  scope: MetricScope;
  /** Where denominators are looked up. */
  metrics: readonly CatalogueMetric[];
};

/** The rules that a metric can have in a group, the best first: by the levels of the knowledge base, then by type. */
export function ruleForms(subject: Subject, group: KnownGroup): RuleForm[] {
  const known = group.levels.filter((level) => levelFits(level, subject.metric));
  const levels = known.length > 0 ? known : [genericLevel(subject.metric, group)];
  return levels.flatMap((level) => formOf(subject, level) ?? []);
}

/** Undefined when the level needs a metric that does not exist, or its expression is no PromQL. */
function formOf(subject: Subject, level: GroupLevel): RuleForm | undefined {
  const expr = expressionOf(subject, level);
  if (expr === undefined || !parses(expr)) return undefined;
  const { metric, scope } = subject;
  return { level, expr, watched: selector(countedName(metric), scopeMatchers(scope)) };
}

/** Which forms make sense of which types; an unknown type is what the knowledge base takes it for. */
const FORMS: Readonly<Record<CatalogueMetric['type'], readonly GroupLevel['form'][]>> = {
  counter: ['rate', 'increase', 'errors', 'ratio'],
  gauge: ['value', 'ratio'],
  histogram: ['quantile', 'rate', 'increase', 'errors'],
  summary: ['quantile', 'rate', 'increase', 'errors'],
  unknown: ['value', 'rate', 'increase', 'errors', 'ratio'],
};

function expressionOf(subject: Subject, level: GroupLevel): string | undefined {
  const { metric, scope } = subject;
  if (!FORMS[metric.type].includes(level.form)) return undefined;
  const name = countedName(metric);
  const series = selector(name, scopeMatchers(scope));
  switch (level.form) {
    case 'value':
      return `${level.aggregate}(${series})`;
    case 'rate':
      return `${level.aggregate}(${rate(series)})`;
    case 'increase':
      return `${level.aggregate}(increase(${series}[${RATE_WINDOW}]))`;
    case 'quantile':
      return quantile(metric, level.quantile ?? DEFAULT_QUANTILE, scopeMatchers(scope));
    case 'ratio':
      return ratio(subject, level);
    case 'errors':
      return level.of ? errorsOf(subject, level) : errorsByLabel(subject, level);
  }
}

const rate = (series: string): string => `rate(${series}[${RATE_WINDOW}])`;

/** Histograms and summaries stand in the catalogue by family; their `_count` is a series. */
const countedName = ({ name, type }: CatalogueMetric): string =>
  type === 'histogram' || type === 'summary' ? `${name}_count` : name;

/** A summary's quantiles cannot be aggregated over hosts, so its mean stands in. */
function quantile({ name, type }: CatalogueMetric, q: number, matchers: string[]): string {
  const series = (suffix: string) => rate(selector(`${name}${suffix}`, matchers));
  if (type === 'summary') return `sum(${series('_sum')}) / sum(${series('_count')})`;
  return `histogram_quantile(${q}, sum by (le) (${series('_bucket')}))`;
}

/** By host where the worst host counts, of the sums otherwise; a limit of 0 means no limit. */
function ratio(subject: Subject, level: GroupLevel): string | undefined {
  const whole = denominatorOf(subject, level);
  if (!whole) return undefined;
  const matchers = scopeMatchers(subject.scope);
  const part = selector(countedName(subject.metric), matchers);
  const all = selector(countedName(whole), matchers);
  if (subject.metric.type === 'counter') return `sum(${rate(part)}) / sum(${rate(all)})`;
  return level.aggregate === 'sum'
    ? `sum(${part}) / sum(${all} > 0)`
    : `${level.aggregate}(${part} / (${all} > 0))`;
}

/** An error counter that no error has touched yet has no series: that is 0 errors, not no answer. */
function errorsOf(subject: Subject, level: GroupLevel): string | undefined {
  const whole = denominatorOf(subject, level);
  if (!whole) return undefined;
  const matchers = scopeMatchers(subject.scope);
  const all = `sum(${rate(selector(countedName(whole), matchers))})`;
  const errors = `sum(${rate(selector(countedName(subject.metric), matchers))})`;
  return `(${errors} or 0 * ${all}) / ${all}`;
}

/** Counts only series that have the label, so that a metric without it gives no answer and not 0 errors. */
function errorsByLabel({ metric, scope }: Subject, level: GroupLevel): string | undefined {
  const label = LABEL_OF_MATCHER.exec(level.error_matcher ?? '')?.[1];
  if (!level.error_matcher || label === undefined) return undefined;
  const name = countedName(metric);
  const matchers = scopeMatchers(scope);
  const all = `sum(${rate(selector(name, [...matchers, `${label}!=""`]))})`;
  const errors = `sum(${rate(selector(name, [...matchers, level.error_matcher]))})`;
  return `(${errors} or 0 * ${all}) / ${all}`;
}

/** Stars of `of` stand for what those of `match` stood for, so that `a_errors` is never divided by `b_requests`. */
function denominatorOf(
  { metric, metrics }: Subject,
  { match, of = [] }: GroupLevel,
): CatalogueMetric | undefined {
  const values = match.map((pattern) => captures(pattern, metric.name)).find(Boolean) ?? [];
  const names = of.flatMap((pattern) => fill(pattern, values) ?? []);
  const exact = names.flatMap((name) => metrics.find((other) => other.name === name) ?? []);
  const others = metrics.filter(({ name }) =>
    of.some((pattern) => fill(pattern, values) === undefined && matches(pattern, name)),
  );
  return [...exact, ...others].find(({ name }) => name !== metric.name);
}

const GENERIC: Readonly<Record<CatalogueMetric['type'], Pick<GroupLevel, 'form'>['form']>> = {
  counter: 'rate',
  gauge: 'value',
  histogram: 'quantile',
  summary: 'quantile',
  unknown: 'value',
};

/** The level of a metric that the knowledge base does not know: only history can give its threshold. */
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
