import { Lexer } from 'yaml';

/** Documents have four levels. The parser calls itself for each level, and at some thousands the process ends. */
const MAX_DEPTH = 32;
/** Columns before the first sign of a line: each may be a level. */
const MAX_INDENT = 200;
/** `- - a: b`: signs of one line that each begin a level. */
const MAX_SIGNS = 16;
/** Of the whole text: the parser takes a second for 60,000. The longest document of the shipped base has 9,000. */
const MAX_TOKENS = 20_000;

/** The first line that is nested too deeply or comes after too much, and why; a look at the signs alone, in linear time. */
export function tooDeep(text: string): { line: number; message: string } | undefined {
  let [line, depth, signs, tokens, atStart] = [1, 0, 0, 0, true];
  const fault = (what: string) => ({ line, message: `${what}: write it less nested` });
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > MAX_TOKENS)
      return { line, message: `over ${MAX_TOKENS} values and signs: make two documents of it` };
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    else if (token === '-' || token === '?' || token === ':') signs += 1;
    if (depth > MAX_DEPTH) return fault(`over ${MAX_DEPTH} brackets in one another`);
    if (depth === 0 && signs > MAX_SIGNS) return fault(`over ${MAX_SIGNS} levels in one line`);
    const blank = /^ +$/.test(token);
    if (atStart && blank && token.length > MAX_INDENT)
      return fault(`over ${MAX_INDENT} columns of indentation`);
    const lines = token.split('\n').length - 1;
    line += lines;
    if (lines > 0) signs = 0;
    atStart = lines > 0 || (atStart && blank);
  }
  return undefined;
}
