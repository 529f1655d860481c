/** A message from outside: its value, or what is wrong with it in one line. */
export type Parsed<Value> = { ok: true; value: Value } | { ok: false; problem: string };

const MAX_PROBLEMS = 5;

/**
 * Reads the own fields of an object from outside, without a schema library, which workflow code must not use. Each
 * reader returns a harmless value if the field is wrong and records the problem; `result` shows which it was.
 */
export function readFields(input: unknown) {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  const problems: string[] = isObject ? [] : ['it must be an object'];
  const own = (key: string): unknown =>
    isObject && Object.hasOwn(input, key) ? (input as Record<string, unknown>)[key] : undefined;
  const wrong = (key: string, what: string) => {
    if (isObject && problems.length < MAX_PROBLEMS) problems.push(`${key} ${what}`);
  };
  const isText = (value: unknown, max: number): value is string =>
    typeof value === 'string' && value.trim() !== '' && value.length <= max;

  /** A text of 1 to `max` characters. */
  const text = (key: string, max: number): string => {
    const value = own(key);
    if (isText(value, max)) return value;
    wrong(key, `must be a text of 1 to ${max} characters`);
    return '';
  };
  return {
    text,
    optionalText: (key: string, max: number): string | undefined =>
      own(key) === undefined ? undefined : text(key, max),
    choice<const Choice extends string>(key: string, choices: readonly [Choice, ...Choice[]]) {
      const found = choices.find((choice) => choice === own(key));
      if (found === undefined) wrong(key, `must be one of ${choices.join(', ')}`);
      return found ?? choices[0];
    },
    integer(key: string, min: number, max: number): number {
      const value = own(key);
      if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
        return value as number;
      wrong(key, `must be a whole number from ${min} to ${max}`);
      return min;
    },
    /** A moment, as RFC 3339, at most `maxMs` after `now`; null stays null. */
    momentOrNull(key: string, now: number, maxMs: number): string | null {
      const value = own(key);
      if (value === null) return null;
      if (isText(value, 40) && RFC_3339.test(value)) {
        const at = Date.parse(value);
        if (!Number.isNaN(at) && at - now <= maxMs) return value;
      }
      wrong(key, `must be null or an RFC 3339 time at most ${maxMs / DAY_MS} days away`);
      return null;
    },
    has: (key: string): boolean => own(key) !== undefined && own(key) !== null,
    /** An object within the object. */
    nested<Value>(key: string, read: (input: unknown) => Parsed<Value>): Value | undefined {
      const parsed = read(own(key));
      if (parsed.ok) return parsed.value;
      wrong(key, `is not usable: ${parsed.problem}`);
      return undefined;
    },
    /** At most `max` objects. */
    list<Value>(key: string, max: number, read: (input: unknown) => Parsed<Value>): Value[] {
      const value = own(key);
      if (!Array.isArray(value) || value.length > max) {
        wrong(key, `must be a list of at most ${max}`);
        return [];
      }
      const found: Value[] = [];
      for (const one of value) {
        const parsed = read(one);
        if (parsed.ok) found.push(parsed.value);
        else {
          wrong(key, `holds an entry that is not usable: ${parsed.problem}`);
          return [];
        }
      }
      return found;
    },
    result: <Value>(value: Value): Parsed<Value> =>
      problems.length === 0 ? { ok: true, value } : { ok: false, problem: problems.join('; ') },
  };
}

const DAY_MS = 86_400_000;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
