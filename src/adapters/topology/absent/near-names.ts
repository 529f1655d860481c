import { distance } from 'fastest-levenshtein';

/** Longer names are compared only by their beginning: the distance costs the product of both lengths. */
const MAX_LENGTH = 64;
const MAX_NEAR = 5;

/** Names that can be meant: spelled otherwise, with a version or a namespace, or mistyped; the nearest first. */
export function nearNames(given: string, names: readonly string[]): string[] {
  const wanted = lettersOf(given);
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, off: offBy(wanted, lettersOf(name)) }))
    .filter(({ off }) => off <= allowed)
    .sort((a, b) => a.off - b.off || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map(({ name }) => name);
}

function offBy(wanted: string, name: string): number {
  if (wanted === '' || name === '') return Infinity;
  const [short, long] = wanted.length < name.length ? [wanted, name] : [name, wanted];
  // `productpage` and `productpage.default`, `order` and `order-v1`.
  if (short.length > 2 && (long.startsWith(short) || long.endsWith(short))) return 1;
  return distance(wanted, name);
}

const lettersOf = (name: string): string =>
  name
    .slice(0, MAX_LENGTH)
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
