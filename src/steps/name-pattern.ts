import { escapeRegex } from './promql';

const compiled = new Map<string, RegExp>();
/** Patterns come from the knowledge base and from profiles: few, but a worker lives long. */
const MAX_COMPILED = 10_000;

/** A pattern of the knowledge base, where `*` stands for any characters. */
function regexOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const regex = new RegExp(`^${pattern.split('*').map(escapeRegex).join('(.*)')}$`, 's');
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(pattern, regex);
  return regex;
}

export const isPattern = (text: string): boolean => text.includes('*');

/** What each `*` stood for, or undefined when the name does not match. */
export const captures = (pattern: string, name: string): string[] | undefined =>
  isPattern(pattern)
    ? regexOf(pattern).exec(name)?.slice(1)
    : matches(pattern, name)
      ? []
      : undefined;

/**
 * A plain name also stands for itself with or without `_total`, which exporters and OpenMetrics add to counters,
 * and for OpenTelemetry's name with dots.
 */
export const matches = (pattern: string, name: string): boolean =>
  isPattern(pattern)
    ? regexOf(pattern).test(name)
    : pattern === name || canonical(pattern) === canonical(name);

/** The form in which two spellings of one name are the same. */
export const canonical = (name: string): string => {
  const legal = name.includes('.') ? name.replace(/\./g, '_') : name;
  return legal.endsWith('_total') ? legal.slice(0, -'_total'.length) : legal;
};

/** Puts what the stars of one pattern stood for into another; undefined when that one has more stars. */
export function fill(pattern: string, values: readonly string[]): string | undefined {
  const parts = pattern.split('*');
  if (parts.length - 1 > values.length) return undefined;
  return parts.map((part, index) => (index === 0 ? part : `${values[index - 1]}${part}`)).join('');
}
