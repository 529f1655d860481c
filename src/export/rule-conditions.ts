import { selectorsOf, withPlainLiterals } from '../steps/rules/promql-text';
import type { ExportRule } from './export-facts';

/** A sample older than this is stale: Prometheus scrapes at most every minute in most installations. */
const STALE_SECONDS = 120;
/** Distance of the points over which a breach must hold. */
const LONG_STEP = 30;
const SHORT_STEP = 15;

/** True while the rule is breached, in PromQL; Prometheus's own `for` holds it. */
export const breachOf = ({ expr, op, threshold }: ExportRule): string =>
  `(${expr}) ${op} ${threshold}`;

/**
 * True while the rule cannot be judged: its expression gives nothing, NaN or infinity, or nothing that it reads has a
 * fresh sample. A comparison with NaN is false and `absent` sees a value, so neither alone is enough; a rate over a dead
 * series goes on for the length of its range.
 */
export function noDataOf({ expr }: ExportRule): string {
  const fresh = freshOf(expr);
  return [
    `absent(${expr})`,
    `(${expr}) != (${expr})`,
    `abs(${expr}) == Inf`,
    ...(fresh === undefined ? [] : [`absent(${fresh})`]),
  ].join('\nor\n');
}

/** True while anything that an expression reads has a fresh sample; undefined where it reads nothing. */
function freshOf(expr: string): string | undefined {
  const ages = selectorsOf(expr).map(
    (selector) => `time() - max(timestamp(${selector})) <= ${STALE_SECONDS}`,
  );
  return ages.length === 0 ? undefined : ages.join(' or ');
}

/**
 * For executors that compare one number: 1 once the breach has held for `for`, 0 if not, NaN for a value that is no
 * number, nothing without data. Braces and white space are written so that a template engine leaves them alone.
 */
export function breachValueOf({ expr, op, threshold, forSeconds }: ExportRule): string {
  const value = withPlainLiterals(expr);
  const breached = `(${value}) ${op} bool ${threshold}`;
  const fresh = freshOf(value);
  return [
    // A comparison with NaN is 0, which is no breach; 0 times NaN or infinity is NaN.
    `${heldOf(value, breached, forSeconds)} + 0 * (${value})`,
    ...(fresh === undefined ? [] : [`and on () (${fresh})`]),
  ].join('\n');
}

function heldOf(value: string, breached: string, forSeconds: number): string {
  const step = forSeconds >= 2 * LONG_STEP ? LONG_STEP : SHORT_STEP;
  const points = Math.floor(forSeconds / step);
  if (points < 2) return `(${breached})`;
  const window = `[${forSeconds}s:${step}s]`;
  // A series that has just begun has not held anything yet.
  return `min_over_time((${breached})${window}) * (count_over_time((${value})${window}) >= bool ${points})`;
}
