const divided = new Map<string, readonly string[]>();
/** Patterns come from the knowledge base and from profiles: few, but a worker lives long. */
const MAX_DIVIDED = 10_000;

/** The texts between the stars of a pattern of the knowledge base, where `*` matches any characters. */
function partsOf(pattern: string): readonly string[] {
  const known = divided.get(pattern);
  if (known) return known;
  const parts = pattern.split('*');
  if (divided.size >= MAX_DIVIDED) divided.clear();
  divided.set(pattern, parts);
  return parts;
}

/**
 * The text that each `*` matches, the first one as much as possible. The parts are looked for from the end, each as far
 * back as it goes: a regular expression of n stars takes time with the n-th power of the name's length.
 */
function starsOf(parts: readonly string[], name: string): string[] | undefined {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (name.length < first.length + last.length) return undefined;
  if (!name.startsWith(first) || !name.endsWith(last)) return undefined;
  const stars: string[] = [];
  let end = name.length - last.length;
  for (let index = parts.length - 2; index >= 1; index -= 1) {
    const part = parts[index] ?? '';
    const at = end < part.length ? -1 : name.lastIndexOf(part, end - part.length);
    if (at < first.length) return undefined;
    stars.unshift(name.slice(at + part.length, end));
    end = at;
  }
  stars.unshift(name.slice(first.length, end));
  return stars;
}

export const isPattern = (text: string): boolean => text.includes('*');

/** The text that each `*` matched; undefined if the name does not match. */
export const captures = (pattern: string, name: string): string[] | undefined =>
  isPattern(pattern) ? starsOf(partsOf(pattern), name) : matches(pattern, name) ? [] : undefined;

/**
 * A plain name also matches itself with or without `_total`, which exporters and OpenMetrics add to counters,
 * and for OpenTelemetry's name with dots.
 */
export const matches = (pattern: string, name: string): boolean =>
  isPattern(pattern)
    ? starsOf(partsOf(pattern), name) !== undefined
    : pattern === name || canonical(pattern) === canonical(name);

/** The form in which two spellings of one name are the same. */
export const canonical = (name: string): string => {
  const legal = name.includes('.') ? name.replace(/\./g, '_') : name;
  return legal.endsWith('_total') ? legal.slice(0, -'_total'.length) : legal;
};

/** Puts the texts matched by one pattern's stars into another pattern; undefined if that has more stars. */
export function fill(pattern: string, values: readonly string[]): string | undefined {
  const parts = pattern.split('*');
  if (parts.length - 1 > values.length) return undefined;
  return parts.map((part, index) => (index === 0 ? part : `${values[index - 1]}${part}`)).join('');
}

/**
 * Checks whether any of many patterns matches. Wildcards are looked up by the words that they end or begin with, which
 * is fast for 50,000 names and hundreds of patterns.
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

/** A search for plain text is many times faster than a regular expression that fails. */
type Wildcard = { pattern: string; part: string };

const longestPart = (pattern: string): string =>
  pattern.split('*').reduce((a, b) => (b.length > a.length ? b : a), '');

/** `*_errors_total` by its last two words, `*_up` by the last, `redis_*` by the first; neither where no word is whole. */
function wordsAround(pattern: string): { end?: string; start?: string } {
  const end = /[*_]_([^_*]+_[^_*]+)$/.exec(pattern) ?? /_([^_*]+)$/.exec(pattern);
  return end === null ? { start: /^([^_*]+)_/.exec(pattern)?.[1] } : { end: end[1] };
}
