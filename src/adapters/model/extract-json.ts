import { DEFAULT_BOUNDS, parseBoundedJson } from '../upstream/bounded-json';

/** A whole reply in characters: the most tokens that can be configured (16,000) at 16 characters each. */
const MAX_REPLY = 256_000;
/** Longer prose is not searched for JSON: valid proposals are shorter. */
const MAX_SEARCHED = 64_000;
const MAX_STARTS = 50;
/** A proposal has as many values as it has tokens at most. */
const PROPOSAL_BOUNDS = { ...DEFAULT_BOUNDS, values: 16_000, keys: 1_000, depth: 32 };
const FENCE = '```';

export type Extracted = { kind: 'json'; value: unknown } | { kind: 'blank' } | { kind: 'not_json' };

/**
 * The one JSON object of a reply: bare, in a code fence, after thoughts (`<think>…</think>`), or amid prose. Two
 * different objects contradict each other and count as none.
 */
export function extractJson(text: string): Extracted {
  // Checked before the text is parsed: it comes from outside and may have any length.
  if (text.length > MAX_REPLY) return { kind: 'not_json' };
  const bare = withoutThoughts(text).trim();
  const inside = withoutFence(bare);
  if (inside === '') return { kind: 'blank' };
  const whole = parseJson(inside);
  if (whole !== undefined) return { kind: 'json', value: whole };
  if (bare.length > MAX_SEARCHED) return { kind: 'not_json' };
  const found = new Map(objectsIn(bare).map((value) => [JSON.stringify(value), value]));
  const [only] = found.values();
  return found.size === 1 ? { kind: 'json', value: only } : { kind: 'not_json' };
}

/** Everything up to the end of the thoughts; some servers drop the opening tag and keep the closing one. */
function withoutThoughts(text: string): string {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  return /^[{`]/.test(start)
    ? start
    : start.replace(/^[\s\S]*?<\/(think|thinking|reasoning)>/i, '');
}

/** The text between ```` ```json ```` and ```` ``` ````, where the reply is one such block; else the text as it is. */
function withoutFence(text: string): string {
  if (!text.startsWith(FENCE) || !text.endsWith(FENCE) || text.length < 2 * FENCE.length)
    return text;
  const inside = text.slice(FENCE.length, -FENCE.length);
  // The language, such as `json`, follows the opening fence.
  return inside.slice(/^[a-z]*/i.exec(inside)?.[0].length).trim();
}

function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text, PROPOSAL_BOUNDS);
  } catch {
    return undefined;
  }
}

function objectsIn(text: string): unknown[] {
  const found: unknown[] = [];
  let from = text.indexOf('{');
  for (let starts = 0; from !== -1 && starts < MAX_STARTS; starts += 1) {
    const end = endOfObject(text, from);
    const value = end === -1 ? undefined : parseJson(text.slice(from, end));
    if (value !== undefined) found.push(value);
    from = text.indexOf('{', value === undefined ? from + 1 : end);
  }
  return found;
}

/** The index after the brace that closes the one at `start`; -1 if there is none. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i += 1) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return -1;
}
