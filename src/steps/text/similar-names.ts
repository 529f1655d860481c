import { distance } from 'fastest-levenshtein';

/** A comparison costs the product of both lengths. */
const MAX_LENGTH = 64;
const MAX_COMPARED = 5_000;

/** Those of `names` that resemble `name`, the most similar first. */
export const similarNames = (name: string, names: readonly string[]): string[] =>
  withDistance(name, names).map(({ value }) => value);

/** The same with the distance of each. */
export const withDistance = (
  name: string,
  names: readonly string[],
): { value: string; off: number }[] =>
  names
    .slice(0, MAX_COMPARED)
    .map((value) => ({ value, off: farFrom(name, value) }))
    .filter(({ off }) => off < Infinity)
    .sort((a, b) => a.off - b.off || (a.value < b.value ? -1 : 1));

/** Edits between two names, a name that contains the other after all near misses; Infinity when they are unlike. */
function farFrom(name: string, value: string): number {
  if (value.length > MAX_LENGTH || name.length > MAX_LENGTH) return Infinity;
  const [a, b] = [lettersOf(name), lettersOf(value)];
  if (a === '' || b === '') return Infinity;
  const edits = distance(a, b);
  if (edits <= Math.floor(Math.min(a.length, b.length) / 3)) return edits;
  return Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a))
    ? MAX_LENGTH + edits
    : Infinity;
}

const lettersOf = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
