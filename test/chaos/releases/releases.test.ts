import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { COMMON_FAULTS } from '../faults';
import { quietRuntime, startChaosTemporal } from '../temporal';
import { nameOf, WORST } from './boundaries';
import { runReleaseRow, type ReleaseRow } from './release-row';

const SEVERITY = { outageMs: 3_000, clockMs: 0 };
const kill = COMMON_FAULTS.find(({ name }) => name === 'worker SIGKILL')!;

let row: ReleaseRow | undefined;
beforeAll(async () => {
  quietRuntime();
  const folder = await mkdtemp('/tmp/chaos-temporal-');
  const temporal = await startChaosTemporal(path.join(folder, 'temporal.db'));
  try {
    row = await runReleaseRow(kill, WORST, { temporal, severity: SEVERITY });
  } finally {
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 600_000);

test.each(WORST.map(nameOf))(
  'a worker that is killed %s: each effect once, all hosts back, the outcome kept',
  (name) => {
    const cell = row?.cells.find(({ boundary }) => boundary === name);
    const asIfNothing = { struck: true, result: 'rolled_back', steered: [], faults: [] };
    expect(cell).toEqual({ boundary: name, ...asIfNothing });
  },
);

test('the worker was really killed, again and again', () => {
  expect(row?.faults).toEqual([]);
  expect(row?.strikes).toBeGreaterThanOrEqual(3);
});
