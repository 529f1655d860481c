import type { z } from 'zod';

/**
 * What one JSON text may hold. Bytes are not enough: 60 MB of `[0,0,…]` are 30 million values, and a schema library
 * builds one complaint for each that is wrong.
 */
export type JsonBounds = {
  /** Values of all kinds in the whole text. */
  values: number;
  /** Keys of one object. */
  keys: number;
  /** Objects and lists in one another. */
  depth: number;
  /** Characters of one string, as they are written. */
  text: number;
};

/** A page of 5,000 hosts with details has 100,000 values; names and reasons are short. */
export const DEFAULT_BOUNDS: JsonBounds = {
  values: 500_000,
  keys: 10_000,
  depth: 64,
  text: 64 * 1024,
};

/** The JSON text is over a bound of ours; the message says over which. */
export class JsonBoundError extends Error {
  override readonly name = 'JsonBoundError';
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * JSON.parse after a look at the text, which costs no memory and linear time. Throws JsonBoundError, and SyntaxError for
 * what is not JSON.
 */
export function parseBoundedJson(text: string, bounds: JsonBounds = DEFAULT_BOUNDS): unknown {
  checkBounds(text, bounds);
  // eslint-disable-next-line no-restricted-syntax -- the one place, behind the bounds
  return JSON.parse(text);
}

/** Throws JsonBoundError when the text would be over a bound; says nothing of whether it is JSON. */
export function checkBounds(text: string, bounds: JsonBounds = DEFAULT_BOUNDS): void {
  const keys = new Int32Array(bounds.depth + 1);
  let depth = 0;
  let values = 1;
  for (let i = 0; i < text.length; i += 1) {
    const sign = text.charCodeAt(i);
    if (sign === QUOTE) {
      const end = endOfString(text, i);
      if (end - i > bounds.text) throw over('a string', bounds.text, 'characters');
      i = end;
    } else if (sign === COMMA) {
      values += 1;
      if (values > bounds.values) throw over('it', bounds.values, 'values');
    } else if (sign === COLON) {
      const own = (keys[depth] ?? 0) + 1;
      keys[depth] = own;
      if (own > bounds.keys) throw over('an object', bounds.keys, 'keys');
    } else if (sign === 0x5b || sign === 0x7b) {
      depth += 1;
      values += 1;
      if (depth > bounds.depth) throw over('it', bounds.depth, 'levels');
      if (values > bounds.values) throw over('it', bounds.values, 'values');
      keys[depth] = 0;
    } else if ((sign === 0x5d || sign === 0x7d) && depth > 0) depth -= 1;
  }
}

const over = (what: string, bound: number, unit: string) =>
  new JsonBoundError(`${what} has over ${bound} ${unit}`);

/** The index of the closing quote; the text's end when there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

/** `fault` is the first place that does not fit, with the reason. */
export type Checked<Value> =
  { success: true; data: Value } | { success: false; data?: undefined; fault: string };

/** A value from outside has another shape; the message is the fault. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** The value as the schema has it; throws ShapeError. */
export function parseShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const checked = checkShape(schema, value);
  if (checked.success) return checked.data;
  throw new ShapeError(checked.fault);
}

/**
 * The value as the schema has it, or the first place where it does not fit: `hosts.3.host_id: must not be empty`. The
 * library stops there by the option that its own `validate` has; without it, it builds a complaint for each bad value.
 */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Checked<z.output<Schema>> {
  try {
    const parsed = schema.safeParse(value, STOP_AT_FIRST);
    if (parsed.success) return { success: true, data: parsed.data };
    const [issue] = parsed.error.issues;
    const path = issue?.path.map(String).join('.').slice(0, MAX_PATH);
    return {
      success: false,
      fault: `${path || 'answer'}: ${issue?.message.slice(0, MAX_MESSAGE)}`,
    };
  } catch (error) {
    // Lists of complaints are joined by spreading them, which fails from some 100,000 on.
    if (error instanceof RangeError) return { success: false, fault: 'too many values are wrong' };
    throw error;
  }
}

const STOP_AT_FIRST = { abortEarly: true } as z.core.ParseContext<z.core.$ZodIssue>;
/** A path has names of the system outside in it. */
const MAX_PATH = 200;
const MAX_MESSAGE = 300;
