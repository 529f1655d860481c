import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** A fenced block: its language, what its fence says besides, and its lines without the indentation of a list. */
export type CodeBlock = { file: string; language: string; marks: string[]; lines: string[] };

/** Every Markdown file that a reader of the repository sees; knowledge and fixtures are data. */
export const markdownFiles = (): string[] => [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const textOf = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

export function codeBlocks(file: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { block: CodeBlock; indent: number } | undefined;
  for (const line of textOf(file).split('\n')) {
    const fence = line.trimStart();
    if (!fence.startsWith('```')) open?.block.lines.push(line.slice(open.indent));
    else if (open !== undefined) {
      blocks.push(open.block);
      open = undefined;
    } else {
      const [language = '', ...marks] = fence.slice(3).trim().split(/\s+/);
      open = { block: { file, language, marks, lines: [] }, indent: line.length - fence.length };
    }
  }
  return blocks;
}

/** The commands of a shell block: comments away, continued lines joined, `&&` apart. */
export const commandsIn = ({ lines }: CodeBlock): string[] =>
  lines
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean)
    .flatMap((line) => line.split(' && '));
