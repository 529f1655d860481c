import { plainText } from '../../adapters/terminal/printable';
import { breakMarkup } from '../../steps/text/escape-markdown';

/** Text from outside within Markdown, in a paragraph, a heading, a list or a cell (escape-markdown.ts). */
export const safe = (text: string): string => breakMarkup(plainText(text));

/** Text from outside as code, exactly as it is but for hidden characters; sites do nothing with what is in it. */
export function code(text: string): string {
  const plain = plainText(text);
  const fence = fenceAround(plain, 1);
  const padding = /^`|`$/.test(plain) || plain.trim() === '' ? ' ' : '';
  return `${fence}${padding}${plain}${padding}${fence}`;
}

/** `code` within a cell of a table, where a `|` would end the cell. */
export const codeCell = (text: string): string => code(text).replace(/\|/g, '\\|');

/** Lines in a block of code. */
export function codeBlock(language: string, text: string): string[] {
  const fence = fenceAround(text, 3);
  return [`${fence}${language}`, text, fence];
}

/** A run of backticks that is longer than any in the text. */
const fenceAround = (text: string, least: number): string =>
  '`'.repeat(
    (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length + 1), least),
  );

const row = (cells: readonly string[]): string => `| ${cells.map(safe).join(' | ')} |`;

export const table = (head: readonly string[], rows: readonly string[][]): string[] => [
  row(head),
  `|${head.map(() => '-').join('|')}|`,
  ...rows.map(row),
  '',
];

export const bullets = (texts: readonly string[]): string[] =>
  texts.map((text) => `- ${safe(text)}`);
