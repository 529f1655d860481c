import { cleanText } from '../text/sanitize-text';

/** Fewer similar objects cost less as they are than as a table. */
const MIN_ROWS = 4;
/** Most digits of a number: more are not needed, and each costs tokens. */
const DIGITS = 6;

/**
 * Facts as they go to a model: every text cleaned, numbers of at most six digits, and lists of alike objects as
 * `{columns, rows}`, which names each key once instead of once per row.
 */
export function promptFacts(facts: unknown): unknown {
  if (typeof facts === 'string') return cleanText(facts);
  if (typeof facts === 'number') return shortened(facts);
  if (Array.isArray(facts)) return tableOf(facts) ?? facts.map(promptFacts);
  if (facts === null || typeof facts !== 'object') return facts;
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [cleanText(key), promptFacts(value)]),
  );
}

const shortened = (value: number): number =>
  Number.isFinite(value) && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;

function tableOf(list: readonly unknown[]): { columns: string[]; rows: unknown[][] } | undefined {
  const [first] = list;
  if (list.length < MIN_ROWS || !isObject(first)) return undefined;
  const columns = Object.keys(first);
  const alike = list.filter(isObject).filter((item) => hasKeys(item, columns));
  if (alike.length < list.length) return undefined;
  const rows = alike.map((item) => columns.map((key) => promptFacts(item[key])));
  return { columns: columns.map((key) => cleanText(key)), rows };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const hasKeys = (item: Record<string, unknown>, keys: readonly string[]): boolean =>
  Object.keys(item).length === keys.length && keys.every((key) => Object.hasOwn(item, key));
