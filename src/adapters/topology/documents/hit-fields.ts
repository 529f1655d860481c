import type { Hit } from '../schemas/topology-schema';

/** Names, ids and addresses are far shorter; a longer value is not one of them. */
export const MAX_TEXT = 2_048;

/** Reads `fields` of a hit, where every value is a list. */
export type FieldReader = {
  /** A text that is longer than `max` characters counts as absent. */
  text: (name: string, max?: number) => string | null;
  number: (name: string) => number | null;
  /** The first of several fields that holds a text. */
  oneOf: (names: readonly string[]) => string | null;
};

export function fieldsOf({ fields }: Hit): FieldReader {
  const first = (name: string): unknown => fields[name]?.[0];
  const text = (name: string, max = MAX_TEXT): string | null => {
    const value = first(name);
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' && value !== '' && value.length <= max ? value : null;
  };
  return {
    text,
    number(name) {
      const given = first(name);
      const value = typeof given === 'string' && isShort(given) ? Number(given) : given;
      return typeof value === 'number' && Number.isFinite(value) ? value : null;
    },
    oneOf: (names) => names.map((name) => text(name)).find((value) => value !== null) ?? null,
  };
}

const isShort = (text: string): boolean => text.length <= MAX_TEXT && text.trim() !== '';
