import { columnsOf, pad } from '../terminal-text';
import { wrapHard } from './wrap-hard';

export type Cell = string | { text: string; paint: (text: string) => string };
export type Column = {
  head: string;
  /** Wrapped when the table is too wide; else it keeps the width of its longest cell. */
  wraps?: boolean;
  /** Columns with the highest number move below their row first; those without one always stay. */
  moves?: number;
};
export type Row = { cells: readonly Cell[]; below?: readonly string[] };
export type TableStyle = {
  /** Columns of the terminal; infinite where the output goes elsewhere. */
  width: number;
  head: (text: string) => string;
  dim: (text: string) => string;
};

const GAP = 2;
/** A narrower column is no longer readable. */
const MIN_WRAPPED = 14;
/** Longer lines are hard to follow. */
const MAX_WRAPPED = 64;
const INDENT = 2;
const MIN_WIDTH = 24;

/**
 * A table of at most `width` columns, without a frame. Where the row is too long, columns that wrap become narrower;
 * if that is not enough, columns that may move are shown below their row, with their names. No value is left out.
 */
export function table(columns: readonly Column[], rows: readonly Row[], style: TableStyle): string {
  const width = Math.max(MIN_WIDTH, style.width);
  const kept = columnsThatFit(columns, rows, width);
  const widths = widthsOf(columns, kept, rows, width);
  const head = lineOf(
    kept.map((i) => ({ text: columns[i]?.head ?? '', paint: style.head })),
    widths,
  );
  const body = rows.flatMap((row) => {
    const moved = columns.flatMap(({ head: name }, i) => {
      const text = textOf(row.cells[i]);
      return kept.includes(i) || text === '' ? [] : [`${name}: ${text}`];
    });
    const below = [...moved, ...(row.below ?? [])].flatMap((text) =>
      wrapHard(text, Math.min(width, MAX_LINE) - INDENT),
    );
    return [
      ...lineOf(
        kept.map((i) => row.cells[i] ?? ''),
        widths,
      ),
      ...below.map((line) => ' '.repeat(INDENT) + style.dim(line)),
    ];
  });
  return [...head, ...body].join('\n');
}
/** What is shown below a row is prose or an expression. */
const MAX_LINE = 110;

const textOf = (cell: Cell | undefined): string =>
  typeof cell === 'string' ? cell : (cell?.text ?? '');

/** Indices of the columns that stay in the row. */
function columnsThatFit(columns: readonly Column[], rows: readonly Row[], width: number): number[] {
  const order = columns
    .map(({ moves = 0 }, i) => ({ moves, i }))
    .filter(({ moves }) => moves > 0)
    .sort((a, b) => b.moves - a.moves);
  const out = new Set<number>();
  const indices = () => columns.map((_, i) => i).filter((i) => !out.has(i));
  for (const { i } of order) {
    if (leastWidth(columns, indices(), rows) <= width) break;
    out.add(i);
  }
  return indices();
}

const natural = (columns: readonly Column[], rows: readonly Row[], i: number): number =>
  Math.max(
    columnsOf(columns[i]?.head ?? ''),
    ...rows.map(({ cells }) => columnsOf(textOf(cells[i]))),
  );

function leastWidth(columns: readonly Column[], kept: readonly number[], rows: readonly Row[]) {
  const least = kept.map((i) => {
    const whole = natural(columns, rows, i);
    return columns[i]?.wraps ? Math.min(whole, MIN_WRAPPED) : whole;
  });
  return least.reduce((sum, one) => sum + one, 0) + GAP * (kept.length - 1);
}

/** The widest column that wraps gives way first, so that all of them stay readable. */
function widthsOf(
  columns: readonly Column[],
  kept: readonly number[],
  rows: readonly Row[],
  width: number,
): number[] {
  const widths = kept.map((i) => {
    const whole = natural(columns, rows, i);
    return columns[i]?.wraps && Number.isFinite(width) ? Math.min(whole, MAX_WRAPPED) : whole;
  });
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP * (kept.length - 1);
  while (total() > width) {
    const can = kept.map((i, at) =>
      columns[i]?.wraps || kept.length === 1 ? (widths[at] ?? 0) : -1,
    );
    const widest = Math.max(...can);
    // Columns that keep their width can still be too wide together: then all give way.
    const at = widest > MIN_WRAPPED ? can.indexOf(widest) : widths.indexOf(Math.max(...widths));
    widths[at] = (widths[at] ?? 1) - 1;
  }
  return widths;
}

function lineOf(cells: readonly Cell[], widths: readonly number[]): string[] {
  const wrapped = cells.map((cell, i) => wrapHard(textOf(cell), widths[i] ?? 1));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, i) => {
        const text = pad(wrapped[i]?.[line] ?? '', widths[i] ?? 0);
        return typeof cell === 'string' || text.trim() === '' ? text : painted(text, cell.paint);
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** Spaces at the end stay without colour, so that they can be cut. */
function painted(text: string, paint: (text: string) => string): string {
  const end = text.trimEnd();
  return paint(end) + text.slice(end.length);
}
