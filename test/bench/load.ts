/**
 * Many preparations at a time against worker processes on a real Temporal server with a database file:
 * `npm run bench:load -- [--runs N] [--at-once C] [--workers W] [--delay MS] [--history HOURS] [--table] [--in-memory]`.
 * Says what was lost or duplicated (read from the issue store and the executors), and what it cost.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { audit } from './load/audit';
import { drive } from './load/drive';
import { startLandscape, type Landscape } from './load/landscape';
import { figuresOf, type Figures, type Spread } from './load/report';
import { sum } from './statistics';
import { showTargets } from './targets';

const { values: given } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '100' },
    workers: { type: 'string', default: '1' },
    delay: { type: 'string', default: '50' },
    history: { type: 'string', default: '336' },
    table: { type: 'boolean', default: false },
    'in-memory': { type: 'boolean', default: false },
  },
});
const size = {
  delayMs: Number(given.delay),
  historyHours: Number(given.history),
  inMemory: given['in-memory'],
};

/** Workers load their code and open connections; that is no part of a load. */
const WARM_UP_RUNS = 4;

async function main(): Promise<void> {
  const faults = given.table ? await table() : await one();
  process.exitCode = faults > 0 ? 1 : 0;
}

async function one(): Promise<number> {
  const [runs, atOnce, workers] = [given.runs, given['at-once'], given.workers].map(Number) as [
    number,
    number,
    number,
  ];
  const landscape = await startLandscape({ ...size, workers, services: runs + WARM_UP_RUNS });
  try {
    await drive(landscape, { from: 0, runs: WARM_UP_RUNS, atOnce: WARM_UP_RUNS });
    const figures = await load(landscape, { from: WARM_UP_RUNS, runs, atOnce });
    show(`${runs} preparations, ${atOnce} at a time, ${workers} worker(s)`, figures);
    showCounts(figures);
    return faultsOf(figures);
  } finally {
    await landscape.stop();
  }
}

const TABLE_AT_ONCE = [10, 50, 100, 200];
const TABLE_WORKERS = [1, 2];

async function table(): Promise<number> {
  const runs = Number(given.runs);
  /** Fewer than are wanted at once would never be that many. */
  const cells = TABLE_AT_ONCE.map((atOnce) => Math.max(runs, atOnce));
  const rows: [workers: number, atOnce: number, figures: Figures][] = [];
  for (const workers of TABLE_WORKERS) {
    const services = WARM_UP_RUNS + sum(cells);
    const landscape = await startLandscape({ ...size, workers, services });
    try {
      await drive(landscape, { from: 0, runs: WARM_UP_RUNS, atOnce: WARM_UP_RUNS });
      for (const [index, atOnce] of TABLE_AT_ONCE.entries()) {
        const from = WARM_UP_RUNS + sum(cells.slice(0, index));
        const figures = await load(landscape, { from, runs: cells[index] ?? runs, atOnce });
        console.error(`${workers} worker(s), ${atOnce} at a time: ${JSON.stringify(figures)}`);
        rows.push([workers, atOnce, figures]);
      }
    } finally {
      await landscape.stop();
    }
  }
  showTable(rows);
  const all = (what: 'lost' | 'duplicated' | 'failed') => sum(rows.map(([, , one]) => one[what]));
  showCounts({ lost: all('lost'), duplicated: all('duplicated'), failed: all('failed') });
  return rows.reduce((all, [, , figures]) => all + faultsOf(figures), 0);
}

async function load(
  landscape: Landscape,
  range: { from: number; runs: number; atOnce: number },
): Promise<Figures> {
  const driven = await drive(landscape, range);
  for (const { service, reason } of driven.failed.slice(0, 5))
    console.error(`${service}: ${reason}`);
  const audited = await audit(landscape, range);
  for (const service of audited.lost.slice(0, 5)) console.error(`lost: ${service}`);
  for (const service of audited.duplicated.slice(0, 5)) console.error(`duplicated: ${service}`);
  return figuresOf(driven, audited, range.runs);
}

/** Whether the worker's memory is flat has no number in the issue: the slope stands in the table. */
const showCounts = (figures: Pick<Figures, 'lost' | 'duplicated' | 'failed'>): void =>
  showTargets(
    (['lost', 'duplicated', 'failed'] as const).map((what) => ({
      ...{ what: `${what} preparations`, measured: figures[what], count: 0 },
    })),
  );

const faultsOf = ({ failed, lost, duplicated }: Figures): number => failed + lost + duplicated;

function show(title: string, figures: Figures): void {
  const { cpuMs, workerMemory } = figures;
  console.log(title);
  const table = new Table({ head: ['figure', 'value'], style: { head: [], border: [] } });
  table.push(
    ['lost, duplicated, failed', [figures.lost, figures.duplicated, figures.failed].join(', ')],
    ['signals repeated and dropped', figures.repeatedSignals],
    ['activity tries beyond the first', figures.retries],
    ['preparations per second', figures.runsPerSecond.toFixed(2)],
    ['run time, s', secondsOf(figures.runMs)],
    ['queue time of activities, ms', wholeOf(figures.activityQueueMs)],
    ['queue time of workflow tasks, ms', wholeOf(figures.workflowQueueMs)],
    ['events a run', wholeOf(figures.events)],
    ['history of a run, KiB', wholeOf(figures.kilobytes)],
    ['CPU ms a run', rolesOf(cpuMs)],
    ['share of all processors used', figures.busy.toFixed(2)],
    ...workerMemory.map((memory, index): [string, string] => [
      `RSS of worker ${index + 1}, MB`,
      `${memory.fromMb.toFixed(0)} → ${memory.toMb.toFixed(0)}, at most ${memory.maxMb.toFixed(0)}, ${memory.mbPer100Runs.toFixed(2)} per 100 runs`,
    ]),
    ['bytes a run', figures.bytesOf.map(([what, n]) => `${what} ${n.toFixed(0)}`).join('\n')],
  );
  console.log(table.toString());
}

function showTable(rows: [number, number, Figures][]): void {
  const table = new Table({
    head: [
      'workers',
      'at once',
      'runs/s',
      'run s p50/p95/p99/max',
      'activity queue ms',
      'workflow task queue ms',
      'CPU ms a run',
      'busy',
      'lost/dup/failed',
    ],
    style: { head: [], border: [] },
  });
  for (const [workers, atOnce, figures] of rows) {
    table.push([
      workers,
      atOnce,
      figures.runsPerSecond.toFixed(2),
      secondsOf(figures.runMs),
      wholeOf(figures.activityQueueMs),
      wholeOf(figures.workflowQueueMs),
      rolesOf(figures.cpuMs),
      figures.busy.toFixed(2),
      [figures.lost, figures.duplicated, figures.failed].join('/'),
    ]);
  }
  console.log(table.toString());
}

const partsOf = ({ p50, p95, p99, max }: Spread): number[] => [p50, p95, p99, max];
const secondsOf = (spread: Spread): string =>
  partsOf(spread)
    .map((ms) => (ms / 1000).toFixed(1))
    .join(' / ');
const wholeOf = (spread: Spread): string =>
  partsOf(spread)
    .map((value) => value.toFixed(0))
    .join(' / ');
const rolesOf = (cpuMs: Figures['cpuMs']): string =>
  Object.entries(cpuMs)
    .map(([role, ms]) => `${role} ${ms.toFixed(0)}`)
    .join(', ');

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
