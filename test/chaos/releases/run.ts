/** `npm run chaos:releases -- [--fault NAME] [--worst]`: faults at every boundary of releases; ends with 1 on any trouble. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { COMMON_FAULTS } from '../faults';
import { quietRuntime, startChaosTemporal } from '../temporal';
import { BOUNDARIES, WORST } from './boundaries';
import { runReleaseRow } from './release-row';
import { releaseLine, releaseTroubles } from './release-table';

const { values } = parseArgs({
  options: {
    /** A part of a fault's name. */
    fault: { type: 'string', default: '' },
    /** Only where an effect could happen twice or be lost. */
    worst: { type: 'boolean', default: false },
  },
});

const SEVERITY = { outageMs: 3_000, clockMs: 2 * 3_600_000 };

async function main(): Promise<void> {
  const began = Date.now();
  quietRuntime();
  const faults = COMMON_FAULTS.filter(({ name, slow }) => name.includes(values.fault) && !slow);
  if (faults.length === 0) throw new Error(`no fault is called so: --fault ${values.fault}`);
  const folder = await mkdtemp('/tmp/chaos-temporal-');
  const temporal = await startChaosTemporal(path.join(folder, 'temporal.db'));
  let troubles = 0;
  try {
    for (const fault of faults) {
      const boundaries = values.worst ? WORST : BOUNDARIES;
      const row = await runReleaseRow(fault, boundaries, { temporal, severity: SEVERITY });
      const found = releaseTroubles(row);
      troubles += found.length;
      process.stdout.write([releaseLine(row), ...found, ''].join('\n'));
    }
  } finally {
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  const machine = `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  const day = new Date().toISOString().slice(0, 10);
  process.stdout.write(`${day}, ${troubles} troubles, ${minutes} min on ${machine}\n`);
  process.exitCode = troubles > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
