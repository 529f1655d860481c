import type { CatalogueMetric, RuleScope } from '../../domain/metrics';
import type { GroupLevel } from '../knowledge/metric-groups';
import { captures, fill, matches } from '../knowledge/glob';
import { scopeMatchers, selector } from './promql';

/** What an expression is built for. */
export type Subject = {
  metric: CatalogueMetric;
  scope: RuleScope;
  /** Where denominators are looked up. */
  metrics: readonly CatalogueMetric[];
};

/** Long enough for four scrapes a minute apart, short enough for an observation of ten minutes. */
const RATE_WINDOW = '5m';
const DEFAULT_QUANTILE = 0.99;
/** A disk that fills within four hours concerns this release; one that fills next week does not. */
const PREDICT_WINDOW = '1h';
const PREDICT_HORIZON = 14_400;
const LABEL_OF_MATCHER = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)/;

/**
 * The expressions of a level for a metric, the best first; none when the level needs a metric that does not
 * exist. The result of the form is converted to the level's unit.
 */
export function expressionsOf(subject: Subject, level: GroupLevel): string[] {
  return bodies(subject, level).map((body) => scaled(body, level));
}

/** The catalogue lists histograms and summaries by family; their series is `_count`, a native one's is the family. */
export const countedName = ({ name, type, native }: CatalogueMetric): string =>
  !native && (type === 'histogram' || type === 'summary') ? `${name}_count` : name;

type Build = (subject: Subject, level: GroupLevel) => string | string[] | undefined;

const bodies = (subject: Subject, level: GroupLevel): string[] => {
  const built = BUILD[level.form](subject, level);
  if (built === undefined) return [];
  return Array.isArray(built) ? built : [built];
};

const overWindow =
  (call: string): Build =>
  (subject, level) =>
    `${level.aggregate}(${call}(${seriesOf(subject, level)}[${windowOf(level)}]))`;

const BUILD: Readonly<Record<GroupLevel['form'], Build>> = {
  value: (subject, level) => `${level.aggregate}(${seriesOf(subject, level)})`,
  rate: (subject, level) => `${level.aggregate}(${rated(subject, level)})`,
  increase: overWindow('increase'),
  changes: overWindow('changes'),
  resets: overWindow('resets'),
  delta: overWindow('delta'),
  growth: overWindow('deriv'),
  quantile: quantiles,
  mean,
  ratio,
  share,
  errors: (subject, level) => (level.of ? errorsOf(subject, level) : errorsByLabel(subject, level)),
  // A time of 0 means that the event never happened.
  age: (subject, level) => `${worst(level)}(time() - (${seriesOf(subject, level)} > 0))`,
  remaining: (subject, level) => `${worst(level)}((${seriesOf(subject, level)} > 0) - time())`,
  predict: (subject, level) =>
    `${level.aggregate}(predict_linear(${seriesOf(subject, level)}[${level.window ?? PREDICT_WINDOW}], ${horizonOf(level)}))`,
  count,
};

/** Ages and remaining times use the worst host: their sum has no meaning. */
const worst = ({ aggregate, op }: GroupLevel): string =>
  aggregate !== 'sum' ? aggregate : op === '>' ? 'max' : 'min';

/** The window over which the rates of a level are taken, as PromQL writes it. */
export const windowOf = ({ window }: GroupLevel): string => window ?? RATE_WINDOW;

const horizonOf = ({ horizon }: GroupLevel): number =>
  horizon === undefined ? PREDICT_HORIZON : Number.parseInt(horizon, 10);

const matchersOf = ({ scope }: Subject, own: string | undefined): string[] => [
  ...scopeMatchers(scope),
  ...(own === undefined ? [] : [own.trim()]),
];

const seriesOf = (subject: Subject, level: GroupLevel): string =>
  selector(countedName(subject.metric), matchersOf(subject, level.matcher));

/** The rate of a metric's events; a native histogram contains its own count. */
function rated(subject: Subject, level: GroupLevel, metric = subject.metric): string {
  const own = metric === subject.metric ? level.matcher : level.of_matcher;
  const series = selector(countedName(metric), matchersOf(subject, own));
  const rate = `rate(${series}[${windowOf(level)}])`;
  return metric.native ? `histogram_count(${rate})` : rate;
}

/** A summary's quantiles cannot be aggregated over hosts: the worst host's, or the mean where none are exported. */
function quantiles(subject: Subject, level: GroupLevel): string[] {
  const { name, type, native } = subject.metric;
  const q = level.quantile ?? DEFAULT_QUANTILE;
  const matchers = matchersOf(subject, level.matcher);
  if (native) {
    return [`histogram_quantile(${q}, sum(rate(${selector(name, matchers)}[${windowOf(level)}])))`];
  }
  if (type === 'summary') {
    const worstHost = `max(${selector(name, [...matchers, `quantile="${q}"`])})`;
    return [worstHost, mean(subject, level)].filter((body) => body !== undefined);
  }
  const buckets = selector(`${name}_bucket`, matchers);
  return [`histogram_quantile(${q}, sum by (le) (rate(${buckets}[${windowOf(level)}])))`];
}

function mean(subject: Subject, level: GroupLevel): string | undefined {
  const { name, type, native } = subject.metric;
  if (level.of) return ratio(subject, level);
  const matchers = matchersOf(subject, level.matcher);
  const rate = (series: string) => `rate(${selector(series, matchers)}[${windowOf(level)}])`;
  if (native) return `histogram_avg(sum(${rate(name)}))`;
  if (type !== 'histogram' && type !== 'summary') return undefined;
  return `sum(${rate(`${name}_sum`)}) / sum(${rate(`${name}_count`)})`;
}

const isCounted = ({ type }: CatalogueMetric): boolean =>
  type === 'counter' || type === 'histogram' || type === 'summary';

/**
 * Counters, and gauges that are summed: one sum divided by the other. Other gauges are divided series by series (each
 * filesystem of each host), and the worst one counts; that needs the same labels on both sides, so a matcher that only
 * one side has leads to sums too. A limit of 0 means no limit.
 */
function ratio(subject: Subject, level: GroupLevel): string | undefined {
  const whole = otherPart(subject, level);
  if (!whole) return undefined;
  if (isCounted(subject.metric) || (level.form === 'mean' && isCounted(whole))) {
    return `sum(${rated(subject, level)}) / (sum(${rated(subject, level, whole)}) > ${level.floor ?? 0})`;
  }
  const part = seriesOf(subject, level);
  const all = selector(countedName(whole), matchersOf(subject, level.of_matcher));
  const isOneSided = level.matcher !== undefined && level.matcher !== level.of_matcher;
  return level.aggregate === 'sum' || isOneSided
    ? `sum(${part}) / sum(${all} > 0)`
    : `${level.aggregate}(${part} / (${all} > 0))`;
}

function share(subject: Subject, level: GroupLevel): string | undefined {
  const other = otherPart(subject, level);
  if (!other) return undefined;
  const counted = isCounted(subject.metric) || isCounted(other);
  const part = `sum(${counted ? rated(subject, level) : seriesOf(subject, level)})`;
  const plain = selector(countedName(other), matchersOf(subject, level.of_matcher));
  const rest = `sum(${counted ? rated(subject, level, other) : plain})`;
  return `${part} / ((${part} + ${rest}) > ${level.floor ?? 0})`;
}

/** An error counter has no series before its first error: that means 0 errors, not missing data. */
function errorsOf(subject: Subject, level: GroupLevel): string | undefined {
  const whole = otherPart(subject, level);
  if (!whole) return undefined;
  return shareOfErrors(
    `sum(${rated(subject, level)})`,
    `sum(${rated(subject, level, whole)})`,
    level,
  );
}

/** Counts only series that have the label, so that a metric without it gives no result instead of 0 errors. */
function errorsByLabel(subject: Subject, level: GroupLevel): string | undefined {
  const label = LABEL_OF_MATCHER.exec(level.error_matcher ?? '')?.[1];
  if (!level.error_matcher || label === undefined) return undefined;
  const common = level.matcher === undefined ? '' : `${level.matcher},`;
  const all = rated(subject, { ...level, matcher: `${common}${label}!=""` });
  const errors = rated(subject, { ...level, matcher: `${common}${level.error_matcher}` });
  return shareOfErrors(`sum(${errors})`, `sum(${all})`, level);
}

/** Requires traffic for a share: a single error at night is not 100 %. */
const shareOfErrors = (errors: string, all: string, { floor = 0 }: GroupLevel): string =>
  `(${errors} or 0 * ${all}) / (${all} > ${floor})`;

/** If the metric exists but no series has the labels, the count is 0 instead of absent. */
function count(subject: Subject, level: GroupLevel): string {
  const counted = `count(${seriesOf(subject, level)})`;
  if (level.matcher === undefined) return counted;
  return `${counted} or 0 * count(${seriesOf(subject, { ...level, matcher: undefined })})`;
}

function scaled(body: string, { complement, scale }: GroupLevel): string {
  const inUnit = scale === undefined ? body : `(${body}) * ${scale}`;
  return complement ? `1 - (${inUnit})` : inUnit;
}

/** A star in `of` takes the text that the star in `match` matched, so `a_errors` is never divided by `b_requests`. */
function otherPart(
  { metric, metrics }: Subject,
  { match, of = [] }: GroupLevel,
): CatalogueMetric | undefined {
  const values = match.map((pattern) => captures(pattern, metric.name)).find(Boolean) ?? [];
  const names = of.flatMap((pattern) => fill(pattern, values) ?? []);
  const exact = names.flatMap((name) => metrics.find((other) => isNamed(other, name)) ?? []);
  const others = metrics.filter(({ name }) =>
    of.some((pattern) => fill(pattern, values) === undefined && matches(pattern, name)),
  );
  // Busy workers and all workers can be one metric with a label.
  const same = ({ name }: CatalogueMetric) => name === metric.name;
  return (
    [...exact, ...others].find((other) => !same(other)) ??
    (names.some((n) => n === metric.name) ? metric : undefined)
  );
}

const isNamed = ({ name }: CatalogueMetric, wanted: string): boolean => matches(wanted, name);
