import type { GroupLevel } from '../knowledge/metric-groups';
import type { RuleForm } from './rule-forms';
import { escapeRegex } from '../text/escape-regex';
import { windowOf } from './expression';
import { isLabelName, parses, quote } from './promql';
import { withMatchers } from './promql-matchers';

/** Placeholders in the matchers of a relative rule until the batch is known; no label value equals one. */
export const BATCH = '$batch';
export const OTHERS = '$others';

/** Requests per second below which the batch says nothing. */
const TRAFFIC_FLOOR = 0.1;
const PER_HOST = new Set<GroupLevel['form']>([
  'value',
  'rate',
  'increase',
  'count',
  'growth',
  'delta',
  'changes',
]);
const COUNTED = new Set<GroupLevel['form']>(['quantile', 'mean', 'errors']);

/**
 * The same expression over the batch and over the hosts not yet released, one divided by the other. Sums are
 * divided by their series first, and shares count only where the batch has traffic. Undefined if the expression is not valid PromQL.
 */
export function relativeTemplate(
  { expr, watched, level, worstHost }: RuleForm,
  label: string,
): string | undefined {
  if (!isLabelName(label)) return undefined;
  const side = (placeholder: string): string | undefined => {
    const matcher = `${label}=~${quote(placeholder)}`;
    const value = withMatchers(expr, [matcher]);
    const series = withMatchers(watched, [matcher]);
    if (value === undefined || series === undefined) return undefined;
    const isSum = level.aggregate === 'sum' && PER_HOST.has(level.form) && !worstHost;
    return isSum ? `((${value}) / count(${series}))` : `(${value})`;
  };
  const [batch, others] = [side(BATCH), side(OTHERS)];
  if (batch === undefined || others === undefined) return undefined;
  // A ratio to 0 would be infinite.
  const ratio = `${batch} / (${others} > 0)`;
  if (!COUNTED.has(level.form)) return parsed(ratio);
  const counted = withMatchers(watched, [`${label}=~${quote(BATCH)}`]);
  return (
    counted &&
    parsed(`${ratio} and on() (sum(rate(${counted}[${windowOf(level)}])) > ${TRAFFIC_FLOOR})`)
  );
}

const parsed = (expr: string): string | undefined => (parses(expr) ? expr : undefined);

/** Puts the hosts of a batch and the others into a template; undefined when either side has no host. */
export function filledFor(
  template: string,
  batch: readonly string[],
  others: readonly string[],
): string | undefined {
  if (batch.length === 0 || others.length === 0) return undefined;
  // The placeholder is inside a string literal, so the value is quoted without the outer quotes.
  const inside = (values: readonly string[]) =>
    quote(values.map(escapeRegex).join('|')).slice(1, -1);
  const filled = template
    .replaceAll(`"${BATCH}"`, () => `"${inside(batch)}"`)
    .replaceAll(`"${OTHERS}"`, () => `"${inside(others)}"`);
  return parsed(filled);
}

/** Hosts differ on their own: half as much again, or a third less, is normal. */
const LEAST = { '>': 1.5, '<': 0.67 };
const WITHOUT_HISTORY = { '>': 2, '<': 0.5 };

/** The level of a ratio of hosts, to be set from its own history. */
export const relativeLevel = (level: GroupLevel): GroupLevel => ({
  ...level,
  unit: 'count',
  default: WITHOUT_HISTORY[level.op],
  min: level.op === '>' ? LEAST['>'] : undefined,
  max: level.op === '<' ? LEAST['<'] : undefined,
});

/** Whether a level is so far from the median that a value could double, or halve, without passing it. */
export const hidesDoubling = (threshold: number, op: '>' | '<', middle: number): boolean =>
  Number.isFinite(middle) &&
  middle > 0 &&
  (op === '>' ? threshold > 2 * middle : threshold < middle / 2);

/** Fewer values show no spread. */
const LEAST_VALUES = 30;

/** What a ratio is when all is well, for a sequential test: its median, and the spread of its logarithm. */
export function calmRatio(
  values: readonly number[],
): { ratio: number; spread: number } | undefined {
  const logs = values.filter((value) => Number.isFinite(value) && value > 0).map(Math.log);
  if (logs.length < LEAST_VALUES) return undefined;
  logs.sort((a, b) => a - b);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const middle = logs[logs.length >> 1] ?? 0;
  return { ratio: rounded(Math.exp(middle)), spread: rounded(Math.sqrt(variance)) };
}

const rounded = (value: number): number => Number(value.toPrecision(4));
