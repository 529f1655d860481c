import { distance } from 'fastest-levenshtein';

/** Longer words are compared only by their beginning: the distance costs the product of both lengths. */
const MAX_LENGTH = 64;

/** `: did you mean "severity"?` for a near miss, else nothing. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const word = given.slice(0, MAX_LENGTH).toLowerCase();
  const allowed = Math.max(1, Math.floor(word.length / 3));
  let best: { name: string; off: number } | undefined;
  for (const name of known) {
    const off = distance(word, name.slice(0, MAX_LENGTH).toLowerCase());
    if (off <= allowed && off < (best?.off ?? Infinity)) best = { name, off };
  }
  return best === undefined ? '' : `: did you mean "${best.name}"?`;
}
