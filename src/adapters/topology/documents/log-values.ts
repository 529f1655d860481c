/** Milliseconds of each unit in which Go (and most loggers) print a duration. */
const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};
/** Durations and times are far shorter. */
const MAX_LENGTH = 64;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/u;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/guy;

/** `102.436µs`, `1m2.5s` → milliseconds; null for a number without a unit. */
export function logDuration(text: string): number | null {
  if (text.length > MAX_LENGTH || !DURATION.test(text)) return null;
  let sum = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(PART)) {
    sum += Number(amount) * (UNIT_MS[unit] ?? NaN);
  }
  return Number.isFinite(sum) ? sum : null;
}

/** RFC 3339 with any number of digits, or epoch milliseconds → epoch milliseconds with fractions. */
export function logTime(text: string): number | null {
  if (text.length > MAX_LENGTH) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const zoned = /(z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`;
  const whole = Date.parse(zoned.replace(/\.\d+/, ''));
  if (!Number.isFinite(whole)) return null;
  return whole + Number(`0.${fraction || '0'}`) * 1e3;
}
