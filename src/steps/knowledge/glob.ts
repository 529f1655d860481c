import { escapeRegex } from '../rules/promql';

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

/**
 * One question for many patterns: does any match? Wildcards are looked up by the words that they end or begin with,
 * so that 50,000 names times hundreds of patterns stay quick.
 */
export function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !isPattern(pattern)).map(canonical));
  const byEnd = new Map<string, Wildcard[]>();
  const byStart = new Map<string, Wildcard[]>();
  const others: Wildcard[] = [];
  for (const pattern of new Set(patterns.filter(isPattern))) {
    const wildcard = { pattern, part: longestPart(pattern) };
    const { end, start } = wordsAround(pattern);
    if (end !== undefined) add(byEnd, end, wildcard);
    else if (start !== undefined) add(byStart, start, wildcard);
    else others.push(wildcard);
  }
  return (name) => {
    const takes = ({ pattern, part }: Wildcard) => name.includes(part) && matches(pattern, name);
    const last = name.lastIndexOf('_');
    const before = last < 1 ? -1 : name.lastIndexOf('_', last - 1);
    const first = name.indexOf('_');
    return (
      exact.has(canonical(name)) ||
      byEnd.get(name.slice(last + 1))?.some(takes) ||
      byEnd.get(name.slice(before + 1))?.some(takes) ||
      byStart.get(first < 0 ? name : name.slice(0, first))?.some(takes) ||
      others.some(takes)
    );
  };
}

const add = (map: Map<string, Wildcard[]>, key: string, wildcard: Wildcard): void =>
  void map.set(key, [...(map.get(key) ?? []), wildcard]);

/** Looking for plain text is many times quicker than trying a regular expression that fails. */
type Wildcard = { pattern: string; part: string };

const longestPart = (pattern: string): string =>
  pattern.split('*').reduce((a, b) => (b.length > a.length ? b : a), '');

/** `*_errors_total` by its last two words, `*_up` by the last, `redis_*` by the first; neither where no word is whole. */
function wordsAround(pattern: string): { end?: string; start?: string } {
  const end = /\*(?:.*_)?_([^_*]+_[^_*]+)$/.exec(pattern) ?? /_([^_*]+)$/.exec(pattern);
  return end === null ? { start: /^([^_*]+)_/.exec(pattern)?.[1] } : { end: end[1] };
}
