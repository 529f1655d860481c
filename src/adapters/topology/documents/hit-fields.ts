import type { Hit } from '../topology-schema';

/** Reads `fields` of a hit, where every value is a list. */
export type FieldReader = {
  text: (name: string) => string | null;
  number: (name: string) => number | null;
  /** The first of several fields that holds a text. */
  oneOf: (names: readonly string[]) => string | null;
};

export function fieldsOf({ fields }: Hit): FieldReader {
  const first = (name: string): unknown => fields[name]?.[0];
  const text = (name: string): string | null => {
    const value = first(name);
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    text,
    number(name) {
      const given = first(name);
      const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
      return typeof value === 'number' && Number.isFinite(value) ? value : null;
    },
    oneOf: (names) => names.map(text).find((value) => value !== null) ?? null,
  };
}
