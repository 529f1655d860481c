import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { FAULTS, type Fault, type Severity } from './faults';
import { runRow, type Row } from './row';
import { quietRuntime, startChaosTemporal } from './temporal';
import { startUpstreams } from './upstreams';

/** Rows side by side: they wait more than they work. */
const AT_ONCE = 3;
const USUAL: Severity = { outageMs: 5_000, clockMs: 2 * 3_600_000 };

export type MatrixOptions = {
  seeds: number[];
  faults?: readonly Fault[];
  onRow?: (row: Row, seed: number) => void;
};

/** Every fault in every step, once a seed, on one set of real servers; rows in the order of the faults. */
export async function runMatrix({ seeds, faults = FAULTS, onRow }: MatrixOptions): Promise<Row[]> {
  quietRuntime();
  const folder = await mkdtemp('/tmp/chaos-shared-');
  // Outside that folder: Elasticsearch runs as another user, who may not look into it.
  const data = await mkdtemp('/tmp/chaos-elasticsearch-');
  const upstreams = await startUpstreams(data);
  const temporal = await startChaosTemporal(path.join(folder, 'temporal.db'));
  const limit = pLimit(AT_ONCE);
  const run = async (fault: Fault, seed: number): Promise<Row> => {
    const own = fault.ownTemporal
      ? await startChaosTemporal(path.join(folder, `temporal-${seed}.db`))
      : undefined;
    try {
      const choices = choicesOf(fault, seed);
      const row = await runRow({ fault, ...choices, temporal: own ?? temporal, upstreams, seed });
      onRow?.(row, seed);
      return row;
    } finally {
      await own?.stop();
    }
  };
  try {
    // The slow rows have nothing that a seed would vary.
    const jobs = seeds.flatMap((seed) =>
      faults.filter(({ slow }) => !slow || seed === 0).map((fault) => ({ fault, seed })),
    );
    const rows = new Map<(typeof jobs)[number], Row>();
    const shared = jobs.filter(({ fault }) => !fault.alone);
    await Promise.all(
      shared.map((job) => limit(async () => void rows.set(job, await run(job.fault, job.seed)))),
    );
    for (const job of jobs.filter(({ fault }) => fault.alone))
      rows.set(job, await run(job.fault, job.seed));
    return jobs.flatMap((job) => rows.get(job) ?? []);
  } finally {
    await temporal.stop();
    await upstreams.stop();
    for (const one of [folder, data]) await rm(one, { recursive: true, force: true });
  }
}

/** Seed 0 strikes as the fault is usually told; the others vary where, how long and with which store. */
function choicesOf(fault: Fault, seed: number) {
  if (seed === 0) return { moment: fault.moment, store: fault.store, severity: USUAL };
  const other = seed % 2 === 1;
  const share = ((seed * 7_919 + fault.name.length * 104_729) % 1_000) / 1_000;
  return {
    moment: other
      ? fault.moment === 'before'
        ? ('after' as const)
        : ('before' as const)
      : fault.moment,
    store:
      other && !fault.onlyStore
        ? fault.store === 'file'
          ? ('elasticsearch' as const)
          : ('file' as const)
        : fault.store,
    severity: {
      outageMs: 1_000 + Math.round(share * 20_000),
      clockMs: Math.round((other ? -1 : 1) * (0.5 + share) * 2 * 3_600_000),
    },
  };
}
