import type { Cell, Row } from './row';
import { STEP_NAMES, STEPS } from './steps';

export type Counts = {
  tried: number;
  /** The step itself stands on what was broken. */
  touched: number;
  survived: number;
  resumed: number;
  duplicated: number;
  lost: number;
  /** Deliveries that came once more, with a digest that the executor held already. */
  repeatedDeliveries: number;
};

export function countsOf(rows: readonly Row[]): Counts {
  const cells = rows.flatMap((row) => row.cells);
  const of = (outcome: Cell['outcome']) => cells.filter((cell) => cell.outcome === outcome).length;
  return {
    tried: cells.length,
    touched: cells.filter((cell) => cell.touched).length,
    survived: of('survived'),
    resumed: of('resumed'),
    duplicated: of('duplicated'),
    lost: of('lost'),
    repeatedDeliveries: cells.reduce((sum, { received }) => sum + Math.max(0, received - 1), 0),
  };
}

/**
 * The matrix in Markdown. A cell: how often Temporal had the step tried until it succeeded; `(1)`: the step does not use
 * what was broken; `R2 Type`: by `resume`, after the run had failed as `Type`.
 */
export function renderMatrix(rows: readonly Row[]): string {
  const head = ['fault', ...STEP_NAMES.map((step) => STEPS[step].short), 'seconds'];
  const lines = rows.map(lineOf);
  const counts = Object.entries(wordsOf(countsOf(rows))).map(([what, count]) => `${what} ${count}`);
  return [
    ...[head, head.map(() => '-')].map((cells) => `| ${cells.join(' | ')} |`),
    ...lines,
    '',
    counts.join(', '),
  ].join('\n');
}

/** One row of the matrix. */
export function lineOf(row: Row): string {
  const cells = STEP_NAMES.map((step) => textOf(row.cells.find((cell) => cell.step === step)));
  return `| ${[row.fault, ...cells, row.seconds.toFixed(0)].join(' | ')} |`;
}

const wordsOf = ({ touched, repeatedDeliveries, ...counts }: Counts) => ({
  ...counts,
  'in a step that uses what was broken': touched,
  'deliveries that came twice and were dropped': repeatedDeliveries,
});

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  const { touched, outcome, tries } = cell;
  switch (outcome) {
    case 'survived':
      return touched ? String(tries) : `(${tries})`;
    case 'resumed':
      return `R${tries} ${cell.failure}`;
    case 'duplicated':
      return 'DUPLICATED';
    case 'lost':
      return 'LOST';
  }
}

/** Everything that is not as it must be, a line each. */
export const troublesOf = (rows: readonly Row[]): string[] =>
  rows.flatMap((row) => [
    ...row.faults.map((fault) => `${row.fault}: ${fault}`),
    ...row.cells.flatMap(({ step, outcome, faults }) => [
      ...(outcome === 'duplicated' || outcome === 'lost' ? [outcome] : []).map(
        (what) => `${row.fault} × ${step}: ${what}`,
      ),
      ...faults.map((fault) => `${row.fault} × ${step}: ${fault}`),
    ]),
  ]);
