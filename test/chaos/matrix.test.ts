import { FAULTS } from './faults';
import { runMatrix } from './matrix';
import type { Row } from './row';
import { STEP_NAMES } from './steps';
import { countsOf, renderMatrix, troublesOf } from './table';

/** Without those of minutes, which `npm run chaos` runs too. */
const faults = FAULTS.filter(({ slow }) => !slow);
/** Twice what it takes on two cores. */
const LIMIT_MS = 15 * 60_000;

let rows: Row[] = [];
beforeAll(async () => {
  rows = await runMatrix({ seeds: [0], faults });
  process.stderr.write(`${renderMatrix(rows)}\n`);
}, LIMIT_MS);

test.each(faults.map(({ name }) => name))(
  '%s in each step: one issue and one effective signal, nothing left behind',
  (name) => {
    const row = rows.find(({ fault }) => fault === name);
    expect(row && troublesOf([row])).toEqual([]);
    expect(row?.cells.map(({ step }) => step)).toEqual(STEP_NAMES);
  },
);

test('what no retry mends ends in a typed failure that resume turns into the issue; all else survives by itself', () => {
  const resumed = rows.filter(({ cells }) => cells.some(({ outcome }) => outcome === 'resumed'));
  expect(resumed.map(({ fault }) => fault)).toEqual(['credentials refused']);
  const { tried, survived, resumed: again, duplicated, lost } = countsOf(rows);
  expect({ tried, duplicated, lost }).toEqual({
    tried: faults.length * STEP_NAMES.length,
    duplicated: 0,
    lost: 0,
  });
  expect(survived + again).toBe(tried);
});
