import type { Rule } from '../../../domain/metrics';

/** Characters of a spark line. */
const SPARKS = 24;
const BLOCKS = '▁▂▃▄▅▆▇█';

/** One block a value, from the lowest to the highest; `·` where there was no value. */
export function sparkLine(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (value === null) return '·';
      const share = high > low ? (value - low) / (high - low) : 0;
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))];
    })
    .join('');
}

/** A rule's history, by the values nearest to its threshold; empty where it has none. */
export function sparksOf({ history, op }: Pick<Rule, 'history' | 'op'>): string {
  if (history === undefined) return '';
  const up = op.startsWith('>');
  const values = up ? history.high : history.low;
  const parts = Array.from({ length: SPARKS }, (_, i) => {
    const from = Math.floor((i * values.length) / SPARKS);
    const until = Math.max(from + 1, Math.floor(((i + 1) * values.length) / SPARKS));
    const part = values.slice(from, until).filter((value) => value !== null);
    if (part.length === 0) return null;
    return up ? Math.max(...part) : Math.min(...part);
  });
  return sparkLine(parts);
}
