/** Starts preparations, a bounded number of them under way at once, and watches the processes meanwhile. */
import pLimit from 'p-limit';
import { createReleasePrepClient } from '../../../src/client';
import { serviceName, VERSION } from './names';
import { TASK_QUEUE, type Landscape, type Role } from './landscape';
import { usageOf } from './proc';
import { sleep } from '../../fixtures/wait';

const SAMPLE_MS = 1_000;

export type Sample = { pid: number; role: Role; cpuMs: number; rssMb: number; ended: number };
export type Driven = {
  /** Services whose preparation did not end with an issue, with the reason. */
  failed: { service: string; reason: string }[];
  wallMs: number;
  samples: Sample[];
};

/** Services `from` to `from + runs - 1`, each prepared once. */
export async function drive(
  { client, processes }: Landscape,
  { from, runs, atOnce }: { from: number; runs: number; atOnce: number },
): Promise<Driven> {
  const preparations = createReleasePrepClient({ client, taskQueue: TASK_QUEUE });
  const limit = pLimit(atOnce);
  const failed: Driven['failed'] = [];
  const samples: Sample[] = [];
  let ended = 0;
  const sample = () => {
    for (const { pid, role } of processes) {
      const usage = usageOf(pid);
      if (usage !== undefined) samples.push({ pid, role, ...usage, ended });
    }
  };
  const prepare = async (index: number) => {
    const service = serviceName(index);
    try {
      const { handle } = await preparations.start({ service, version: VERSION });
      await handle.result();
    } catch (error) {
      failed.push({ service, reason: reasonOf(error) });
    }
    ended += 1;
  };
  const began = performance.now();
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  await Promise.all(Array.from({ length: runs }, (_, i) => limit(() => prepare(from + i))));
  const wallMs = performance.now() - began;
  clearInterval(timer);
  sample();
  // Signals that were delivered last still have to be handled.
  await sleep(SAMPLE_MS);
  return { failed, wallMs, samples };
}

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
};
