import type { Outcome } from '../../../src/domain/records/outcome';
import { executorIdOf } from '../../../src/domain/names';
import { stateOf, update, type Executor } from '../../fixtures/releases/drive-release';
import { sleep } from '../../fixtures/wait';
import type { Fault, Severity, Struck } from '../faults';
import type { Gate } from '../gates';
import { patiently, type ChaosTemporal } from '../temporal';
import { nameOf, type Boundary } from './boundaries';
import { startReleaseArena, type ReleaseArena } from './release-arena';
import { findRelease } from './verify-release';

export type ReleaseCell = {
  boundary: string;
  /** The fault met the release there. */
  struck: boolean;
  result: Outcome['result'] | 'none' | 'late';
  /** Why a person had to have it go on, each time. */
  steered: string[];
  /** The release took another way than without the fault, and says why. */
  otherWay?: string;
  /** Must be empty. */
  faults: string[];
};
export type ReleaseRow = {
  fault: string;
  strikes: number;
  cells: ReleaseCell[];
  faults: string[];
  seconds: number;
};

const LIMIT_MS = 900_000;
/** Boundaries that are reached at about the same time are struck together. */
const TOGETHER_MS = 400;
/** Enough of a batch to be sampled while the faults of other releases last. */
const OBSERVATION_SECONDS = 6;
const CANDIDATE = 'v1.1.0';
const serviceOf = (index: number): string => `svc${index}`;

/**
 * One release for each boundary, all at once on one worker. Whenever one reaches its boundary, the fault strikes, and
 * the others are hit wherever they are. What a release does to its hosts must be as if nothing had happened.
 */
export async function runReleaseRow(
  fault: Fault<Struck>,
  boundaries: readonly Boundary[],
  { temporal, severity }: { temporal: ChaosTemporal; severity: Severity },
): Promise<ReleaseRow> {
  const began = Date.now();
  const services = boundaries.map((_, index) => serviceOf(index));
  const arena = await startReleaseArena({
    ...{ temporal, services, observation: OBSERVATION_SECONDS },
    prepareFolder: fault.prepareFolder,
    isBad: () => true,
  });
  const gates = boundaries.map((boundary, index): Gate => ({
    ...boundary,
    workflowId: executorIdOf(serviceOf(index), CANDIDATE),
  }));
  gates.forEach((gate) => arena.gates.want(gate));
  const struck = new Set<number>();
  let strikes = 0;
  let running = true;
  const strikeAgain = async (): Promise<void> => {
    while (running) {
      if (!gates.some((gate) => arena.gates.isHeld(gate))) {
        await sleep(50);
        continue;
      }
      await sleep(TOGETHER_MS);
      const held = gates.filter((gate) => arena.gates.isHeld(gate));
      for (const gate of held) struck.add(gates.indexOf(gate));
      strikes += 1;
      const { lastsMs, mend } = await fault.strike(arena, severity);
      for (const gate of held) arena.gates.pass(gate);
      await sleep(lastsMs);
      await mend();
    }
  };
  let result: ReleaseRow;
  try {
    const handles = await Promise.all(services.map((service) => arena.release(service)));
    const striking = strikeAgain();
    const cells = await Promise.all(
      handles.map(async (handle, index): Promise<ReleaseCell> => {
        const { outcome, steered } = await endOf(handle);
        const boundary = nameOf(boundaries[index]!);
        const cell = { boundary, struck: struck.has(index), steered };
        if (outcome === 'late')
          return { ...cell, result: 'late', faults: [`it did not end: ${await lastOf(handle)}`] };
        const found = await findRelease(arena, serviceOf(index), outcome, steered.length > 0);
        return { ...cell, result: outcome?.result ?? 'none', struck: struck.has(index), ...found };
      }),
    );
    running = false;
    await striking;
    const faults = leftOf(arena);
    result = { fault: fault.name, strikes, cells, faults, seconds: 0 };
  } catch (error) {
    const trouble = error instanceof Error ? (error.stack ?? error.message) : String(error);
    result = { fault: fault.name, strikes, cells: [], faults: [trouble], seconds: 0 };
  } finally {
    running = false;
    await Promise.allSettled(asked);
    await arena.stop();
  }
  return { ...result, seconds: (Date.now() - began) / 1000 };
}

/** The end of a release; a person has it go on wherever it stops for one. */
async function endOf(
  handle: Executor,
): Promise<{ outcome: Outcome | null | 'late'; steered: string[] }> {
  const deadline = Date.now() + LIMIT_MS;
  const steered: string[] = [];
  while (Date.now() < deadline) {
    const { status } = await patiently(() => handle.describe());
    if (status.name !== 'RUNNING') return { outcome: await handle.result(), steered };
    await sleep(1_000);
    // A query or an update that meets the fault itself is sent again at the next look.
    steered.push(...(await goOn(handle).catch(() => [])));
  }
  return { outcome: 'late', steered };
}

async function goOn(handle: Executor): Promise<string[]> {
  const { phase, reason } = await within(stateOf(handle), 5_000);
  if (phase !== 'needs_person') return [];
  await within(update(handle, 'continue', { by: 'Ana' }), 10_000);
  return [`${reason?.code}: ${reason?.text.slice(0, 120)}`];
}

/** What was asked and not yet answered; a connection that is closed meanwhile would end this process. */
const asked = new Set<Promise<unknown>>();

function within<Result>(body: Promise<Result>, ms: number): Promise<Result> {
  asked.add(body);
  const done = () => void asked.delete(body);
  body.then(done, done);
  return Promise.race([
    body,
    sleep(ms, undefined, { ref: false }).then(() => Promise.reject(new Error('no answer'))),
  ]);
}

const lastOf = (handle: Executor): Promise<string> =>
  stateOf(handle).then(
    ({ phase, reason }) => `${phase}: ${JSON.stringify(reason)}`,
    (error: unknown) => String(error),
  );

function leftOf({ worker }: ReleaseArena): string[] {
  const ended = worker.ended();
  return ended === undefined ? [] : [`the worker ended: ${ended}: ${worker.output()}`];
}
