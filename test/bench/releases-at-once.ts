/**
 * Many releases at once on one worker, real Temporal: `npm run bench:releases-at-once -- [--releases 200]`. Every second
 * one has a fault that is repaired, comes again, and is rolled back. Prints what was lost or done twice, the memory of
 * the worker, and the history a batch. Ends with 1 on any trouble.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from '../../src/domain/records/outcome';
import { startReleaseArena } from '../chaos/releases/release-arena';
import { findRelease } from '../chaos/releases/verify-release';
import { quietRuntime, startChaosTemporal } from '../chaos/temporal';
import type { Executor } from '../fixtures/releases/drive-release';
import { sleep } from '../fixtures/wait';
import { median, percentile } from './statistics';

const SAMPLE_MS = 2_000;

/** Resident memory of a process in MiB. */
async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Samples the worker's memory until `stop` is called; answers the samples. */
function watchMemory(pid: number): () => Promise<number[]> {
  const samples: number[] = [];
  let running = true;
  const watching = (async () => {
    while (running) {
      samples.push(await residentMib(pid));
      await sleep(SAMPLE_MS);
    }
  })();
  return async () => {
    running = false;
    await watching;
    return samples;
  };
}

type Ended = { service: string; outcome: Outcome | null; events: number; bytes: number };

async function endOf(service: string, handle: Executor): Promise<Ended> {
  const outcome = await handle.result();
  const { raw, historyLength } = await handle.describe();
  const bytes = Number(raw.workflowExecutionInfo?.historySizeBytes);
  return { service, outcome, events: historyLength, bytes };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      releases: { type: 'string', default: '200' },
      /** Of each batch, in seconds. */
      observation: { type: 'string', default: '30' },
    },
  });
  quietRuntime();
  const folder = await mkdtemp('/tmp/bench-releases-');
  const temporal = await startChaosTemporal(path.join(folder, 'temporal.db'));
  const services = Array.from({ length: Number(values.releases) }, (_, i) => `svc${i}`);
  const isBad = (service: string): boolean => Number(service.slice(3)) % 2 === 1;
  const observation = Number(values.observation);
  const arena = await startReleaseArena({ temporal, services, observation, isBad });
  const began = Date.now();
  try {
    const stop = watchMemory(arena.gates.pid());
    const handles = await Promise.all(services.map((service) => arena.release(service)));
    const ends = await Promise.all(handles.map((handle, i) => endOf(services[i] ?? '', handle)));
    const seconds = (Date.now() - began) / 1000;
    const memory = await stop();
    const troubles: string[] = [];
    for (const { service, outcome } of ends) {
      const { faults, otherWay } = await findRelease(arena, service, outcome, false);
      const all = [...faults, ...(otherWay === undefined ? [] : [otherWay])];
      troubles.push(...all.map((what) => `${service}: ${what}`));
    }
    const batches = ends.map(({ outcome }) => outcome?.batches.length ?? 0);
    const each = (of: (one: Ended) => number) => ends.map((one, i) => of(one) / (batches[i] ?? 1));
    const warm = memory.slice(Math.floor(memory.length / 4));
    const half = Math.floor(warm.length / 2);
    const mib = (list: readonly number[]) => `${median(list).toFixed(0)} MiB`;
    const machine = `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`;
    console.log(
      [
        `${services.length} releases at once, batches observed for ${observation} s, in ${seconds.toFixed(0)} s on ${machine}`,
        `troubles: ${troubles.length}`,
        ...troubles.slice(0, 20),
        `history a batch, median and most: ${median(each(({ events }) => events)).toFixed(0)} and ${percentile(
          each(({ events }) => events),
          1,
        ).toFixed(0)} events, ${(median(each(({ bytes }) => bytes)) / 1024).toFixed(0)} and ${(
          percentile(
            each(({ bytes }) => bytes),
            1,
          ) / 1024
        ).toFixed(0)} KiB`,
        `memory of the worker: most ${percentile(memory, 1).toFixed(0)} MiB; median of the earlier half ${mib(warm.slice(0, half))}, of the later ${mib(warm.slice(half))}`,
      ].join('\n'),
    );
    if (troubles.length > 0) process.exitCode = 1;
  } finally {
    await arena.stop();
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
