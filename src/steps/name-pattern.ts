import { escapeRegex } from './promql';

const compiled = new Map<string, RegExp>();

/** A pattern of the knowledge base, where `*` stands for any characters. */
function regexOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const regex = new RegExp(`^${pattern.split('*').map(escapeRegex).join('(.*)')}$`, 's');
  compiled.set(pattern, regex);
  return regex;
}

/** What each `*` stood for, or undefined when the name does not match. */
export const captures = (pattern: string, name: string): string[] | undefined =>
  regexOf(pattern).exec(name)?.slice(1);

export const matches = (pattern: string, name: string): boolean => regexOf(pattern).test(name);

/** Puts what the stars of one pattern stood for into another; undefined when that one has more stars. */
export function fill(pattern: string, values: readonly string[]): string | undefined {
  const parts = pattern.split('*');
  if (parts.length - 1 > values.length) return undefined;
  return parts.map((part, index) => (index === 0 ? part : `${values[index - 1]}${part}`)).join('');
}
