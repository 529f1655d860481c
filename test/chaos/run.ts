/** `npm run chaos -- [--seeds 4] [--fault NAME] [--quick]`: the whole matrix, once a seed; prints it, and ends with 1 on any trouble. */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { FAULTS } from './faults';
import { runMatrix } from './matrix';
import { lineOf, renderMatrix, troublesOf } from './table';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '4' },
    first: { type: 'string', default: '0' },
    /** A part of a fault's name. */
    fault: { type: 'string', default: '' },
    /** Without the rows of minutes. */
    quick: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const began = Date.now();
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + Number(values.first));
  const faults = FAULTS.filter(
    ({ name, slow }) => name.includes(values.fault) && !(slow && values.quick),
  );
  if (faults.length === 0) {
    const names = FAULTS.map(({ name }) => name).join(', ');
    throw new Error(`no fault is called so: --fault ${values.fault}; there are ${names}`);
  }
  const rows = await runMatrix({
    seeds,
    faults,
    onRow: (row, seed) => {
      const troubles = troublesOf([row]);
      process.stderr.write([`seed ${seed}: ${lineOf(row)}`, ...troubles, ''].join('\n'));
    },
  });
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  const machine = `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  process.stdout.write(
    `${renderMatrix(rows)}\n${new Date().toISOString().slice(0, 10)}, ${seeds.length} seed(s), ${minutes} min on ${machine}\n`,
  );
  process.exitCode = troublesOf(rows).length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
