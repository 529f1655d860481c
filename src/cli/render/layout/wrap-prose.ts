import { columnsOf } from '../terminal-text';

/**
 * Broken at spaces into lines of at most `columns`; further lines begin with `indent` spaces. What stands in backticks
 * is a command to copy, and a long word an address or an id: both stay whole, whatever their length.
 */
export function wrapProse(text: string, columns: number, indent = 0): string[] {
  const lines: string[] = [];
  for (const [word] of text.matchAll(/`[^`]*`\S*|\S+/g)) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last === undefined) lines.push(word);
    else if (columnsOf(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(' '.repeat(indent) + word);
  }
  return lines;
}
