/** A load in figures. */
import { availableParallelism } from 'node:os';
import { percentile, slope, sum } from '../statistics';
import type { Audit } from './audit';
import type { Driven, Sample } from './drive';
import type { Role } from './landscape';

export type Figures = {
  runsPerSecond: number;
  failed: number;
  lost: number;
  duplicated: number;
  repeatedSignals: number;
  retries: number;
  runMs: Spread;
  activityQueueMs: Spread;
  workflowQueueMs: Spread;
  events: Spread;
  kilobytes: Spread;
  /** CPU milliseconds a run, by what the processes do. */
  cpuMs: Partial<Record<Role, number>>;
  /** Of all processors, while the load ran; `busy` is what these processes used together. */
  busy: number;
  workerMemory: WorkerMemory[];
  bytesOf: [what: string, meanBytes: number][];
};
export type Spread = { p50: number; p95: number; p99: number; max: number };
export type WorkerMemory = { fromMb: number; toMb: number; maxMb: number; mbPer100Runs: number };

/** The first runs fill caches and pools: memory is judged after this share of them. */
const WARM_UP = 0.3;

export function figuresOf(driven: Driven, audited: Audit, runs: number): Figures {
  const { samples, wallMs } = driven;
  const cpu = cpuByRole(samples);
  const spreadOf = (values: number[]) => spread(values);
  return {
    runsPerSecond: (runs * 1000) / wallMs,
    failed: driven.failed.length,
    lost: audited.lost.length,
    duplicated: audited.duplicated.length,
    repeatedSignals: audited.repeatedSignals,
    retries: sum(audited.runs.map(({ retries }) => retries)),
    runMs: spreadOf(audited.runs.map(({ runMs }) => runMs)),
    activityQueueMs: spreadOf(audited.runs.flatMap(({ activityQueueMs }) => activityQueueMs)),
    workflowQueueMs: spreadOf(audited.runs.flatMap(({ workflowQueueMs }) => workflowQueueMs)),
    events: spreadOf(audited.runs.map(({ events }) => events)),
    kilobytes: spreadOf(audited.runs.map(({ bytes }) => bytes / 1024)),
    cpuMs: Object.fromEntries(Object.entries(cpu).map(([role, ms]) => [role, ms / runs])),
    busy: sum(Object.values(cpu)) / (wallMs * availableParallelism()),
    workerMemory: memoryOfWorkers(samples, runs),
    bytesOf: meanBytes(audited),
  };
}

const spread = (values: number[]): Spread => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
});

const byProcess = (samples: readonly Sample[]): Sample[][] =>
  [...new Set(samples.map(({ pid }) => pid))].map((pid) =>
    samples.filter((one) => one.pid === pid),
  );

function cpuByRole(samples: readonly Sample[]): Record<string, number> {
  const spent: Record<string, number> = {};
  for (const of of byProcess(samples)) {
    const [first, last] = [of[0], of.at(-1)];
    if (first === undefined || last === undefined) continue;
    spent[first.role] = (spent[first.role] ?? 0) + last.cpuMs - first.cpuMs;
  }
  return spent;
}

function memoryOfWorkers(samples: readonly Sample[], runs: number): WorkerMemory[] {
  const workers = byProcess(samples.filter(({ role }) => role === 'worker'));
  return workers.map((of) => {
    const warm = of.filter(({ ended }) => ended >= runs * WARM_UP);
    return {
      fromMb: of[0]?.rssMb ?? Number.NaN,
      toMb: of.at(-1)?.rssMb ?? Number.NaN,
      maxMb: percentile(
        of.map(({ rssMb }) => rssMb),
        1,
      ),
      mbPer100Runs: 100 * slope(warm.map(({ ended, rssMb }) => ({ x: ended, y: rssMb }))),
    };
  });
}

function meanBytes({ runs }: Audit): [string, number][] {
  const total: Record<string, number> = {};
  for (const { bytesOf } of runs) {
    for (const [what, bytes] of Object.entries(bytesOf)) total[what] = (total[what] ?? 0) + bytes;
  }
  return Object.entries(total)
    .map(([what, bytes]): [string, number] => [what, bytes / runs.length])
    .sort((a, b) => b[1] - a[1]);
}
