import { durationOf } from './time';

/**
 * How far back a PromQL expression looks from the time of a sample, in milliseconds: its longest range or subquery
 * plus its longest offset. A sample taken earlier than this after a deploy still holds the old version.
 * Linear in the length of the expression; text inside string literals is skipped.
 */
export function lookBackOf(expr: string): number {
  const code = withoutStrings(expr);
  return longest(code, RANGES) + longest(code, OFFSETS);
}

const RANGES = /\[([^[\]:]{1,40})[\]:]/g;
const OFFSETS = /\boffset[ \t\r\n]{1,9}([0-9a-z]{1,40})/gi;

/** What is no duration counts as none. */
function longest(code: string, pattern: RegExp): number {
  let ms = 0;
  for (const [, text = ''] of code.matchAll(pattern))
    ms = Math.max(ms, durationOf(text.trim()) || 0);
  return ms;
}

function withoutStrings(expr: string): string {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < expr.length; at += 1) {
    const quote = expr[at];
    if (quote !== '"' && quote !== "'" && quote !== '`') continue;
    parts.push(expr.slice(start, at));
    for (at += 1; at < expr.length && expr[at] !== quote; at += 1)
      if (expr[at] === '\\' && quote !== '`') at += 1;
    start = at + 1;
  }
  parts.push(expr.slice(start));
  return parts.join('""');
}
