/** Text from outside must become neither Markdown nor HTML. */
export const safe = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]|~#!]/g, '\\$&');

const row = (cells: readonly string[]): string => `| ${cells.map(safe).join(' | ')} |`;

export const table = (head: readonly string[], rows: readonly string[][]): string[] => [
  row(head),
  `|${head.map(() => '-').join('|')}|`,
  ...rows.map(row),
  '',
];

export const bullets = (texts: readonly string[]): string[] =>
  texts.map((text) => `- ${safe(text)}`);
