import { columnsOf } from '../terminal-text';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Broken at spaces, and inside words that are longer than a line: nothing is cut off. */
export function wrapHard(text: string, columns: number): string[] {
  const width = Math.max(2, columns);
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    const longer = last === '' ? word : `${last} ${word}`;
    if (columnsOf(longer) <= width) lines[lines.length - 1] = longer;
    else if (columnsOf(word) <= width) lines.push(word);
    else lines.push(...pieces(word, width));
  }
  return lines[0] === '' && lines.length > 1 ? lines.slice(1) : lines;
}

function pieces(word: string, width: number): string[] {
  const lines = [''];
  for (const { segment } of graphemes.segment(word)) {
    const longer = `${lines.at(-1) ?? ''}${segment}`;
    if (columnsOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(segment);
  }
  return lines;
}
