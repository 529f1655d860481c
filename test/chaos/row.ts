import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Issue } from '../../src/domain/issue';
import { executorIdOf, FAILURE, workflowIdOf } from '../../src/domain/names';
import { startArena, type Arena } from './arena';
import type { Fault, Severity } from './faults';
import type { Gate, Moment } from './gates';
import { isTouched, serviceFor, STEP_NAMES, STEPS, type Step, type StoreKind } from './steps';
import { patiently, type ChaosTemporal } from './temporal';
import type { Upstreams } from './upstreams';
import { claimIsFree, findLeftovers, findWhatIsLeft, triesOf } from './verify';
import { sleep } from '../fixtures/wait';

export type Outcome = 'survived' | 'resumed' | 'duplicated' | 'lost';
export type Cell = {
  fault: string;
  step: Step;
  outcome: Outcome;
  /** The step itself uses what was broken. */
  touched: boolean;
  /** Type of the failure that the run ended with first. */
  failure?: string;
  tries: number;
  /** Deliveries that an executor received; it drops those of a digest that it holds. */
  received: number;
  /** Whatever else is wrong; must be empty. */
  faults: string[];
};
export type Row = { fault: string; cells: Cell[]; faults: string[]; seconds: number };

export type RowOptions = {
  fault: Fault;
  moment: Moment;
  store: StoreKind;
  severity: Severity;
  temporal: ChaosTemporal;
  upstreams: Upstreams;
  seed: number;
};

/** A failed run has given its claim back; the resumed one takes it again, and confirms it anew. */
const AGAIN_AFTER_RESUME: readonly string[] = ['claimRelease', 'confirmRelease'];
const REACH_LIMIT_MS = 120_000;
const RUN_LIMIT_MS = 240_000;

/** One fault, which meets twelve preparations at once, each in a step of its own. */
export async function runRow(options: RowOptions): Promise<Row> {
  const { fault } = options;
  const began = Date.now();
  const { prepareFolder } = fault;
  const arena = await startArena({ ...options, name: fault.name, prepareFolder });
  const seconds = () => (Date.now() - began) / 1000;
  try {
    const version = `v2.0.${options.seed}-${arena.taskQueue.slice(-6)}`;
    const gateOf = (step: Step): Gate => ({
      workflowId: workflowIdOf(serviceFor(step), version),
      step,
      moment: options.moment,
    });
    await holdAll(arena, version, gateOf);
    const { lastsMs, mend } = await fault.strike(arena, options.severity);
    arena.gates.open();
    await sleep(lastsMs);
    await mend();
    const cells = await Promise.all(
      STEP_NAMES.map((step) => cellOf(arena, options, step, version)),
    );
    const ended = STEP_NAMES.map((step) => ({ service: serviceFor(step), version }));
    const faults = await patiently(() => findLeftovers(arena, ended));
    const crash = arena.worker.ended();
    if (crash !== undefined) faults.push(`the worker ended: ${crash}: ${arena.worker.output()}`);
    return { fault: fault.name, cells, faults, seconds: seconds() };
  } catch (error) {
    // The other rows still tell something.
    const trouble = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { fault: fault.name, cells: [], faults: [trouble], seconds: seconds() };
  } finally {
    await arena.stop();
  }
}

/** The late steps first, in twos: what is held early waits long, and Temporal's time-outs run meanwhile. */
async function holdAll(arena: Arena, version: string, gateOf: (step: Step) => Gate): Promise<void> {
  for (const late of [true, false]) {
    const steps = STEP_NAMES.filter((step) => (STEPS[step].late ?? false) === late);
    for (const step of steps) arena.gates.want(gateOf(step));
    await Promise.all(
      steps.map((step) =>
        patiently(() => arena.client.start({ service: serviceFor(step), version })),
      ),
    );
    const missing = await arena.gates.untilHeld(steps.map(gateOf), REACH_LIMIT_MS);
    if (missing.length > 0)
      throw new Error(`never reached:\n${await whereAre(arena, missing, version)}`);
  }
  const missed = STEP_NAMES.filter((step) => !arena.gates.isHeld(gateOf(step)));
  if (missed.length > 0) throw new Error(`no longer held: ${missed.join(', ')}`);
}

async function whereAre(arena: Arena, gates: Gate[], version: string): Promise<string> {
  const lines = gates.map(async ({ step, workflowId }) => {
    const status = await arena.client.status(serviceFor(step as Step), version);
    return `${step} of ${workflowId}: ${JSON.stringify(status)}`;
  });
  const failed = Object.entries(arena.http).flatMap(([name, proxy]) =>
    proxy.failed().map((what) => `${name}: ${what}`),
  );
  return [...(await Promise.all(lines)), ...failed, arena.worker.output()].join('\n');
}

async function cellOf(
  arena: Arena,
  { fault, store }: RowOptions,
  step: Step,
  version: string,
): Promise<Cell> {
  const service = serviceFor(step);
  const cell: Cell = {
    ...{ fault: fault.name, step, outcome: 'lost', tries: 0, received: 0, faults: [] },
    touched: isTouched(step, fault.breaks, store),
  };
  let end = await endOf(arena, service, version);
  if ('failure' in end) {
    cell.failure = end.failure;
    cell.faults.push(...(await faultsOfFailure(arena, service, end)));
    await patiently(() => arena.client.resume(service, version));
    end = await endOf(arena, service, version);
  }
  const workflowId = workflowIdOf(service, version);
  const { tries, doneTwice } = await patiently(() => triesOf(arena, workflowId, step));
  cell.tries = tries;
  const again = cell.failure === undefined ? [] : AGAIN_AFTER_RESUME;
  cell.faults.push(
    ...doneTwice.filter((name) => !again.includes(name)).map((name) => `${name} was done twice`),
  );
  if ('failure' in end) {
    cell.faults.push(`ended as ${end.failure}: ${end.message}`);
    return cell;
  }
  const { issue } = end;
  const left = await patiently(() => findWhatIsLeft(arena, { service, version, issue }));
  const executor = arena.temporal.client.workflow.getHandle(executorIdOf(service, version));
  await patiently(() => executor.signal('abort'));
  await patiently(() => executor.result());
  if (left.issues > 1 || left.effective > 1) cell.outcome = 'duplicated';
  else if (left.issues === 1 && left.effective === 1)
    cell.outcome = cell.failure === undefined ? 'survived' : 'resumed';
  return { ...cell, received: left.received, faults: [...cell.faults, ...left.faults] };
}

/** A run may fail where nothing but a person can mend the cause; typed, and without its claim. */
async function faultsOfFailure(
  arena: Arena,
  service: string,
  { failure, message }: { failure: string; message: string },
): Promise<string[]> {
  const typed = (Object.values(FAILURE) as string[]).includes(failure);
  return [
    ...(typed ? [] : [`ended as ${failure}: ${message}`]),
    ...((await patiently(() => claimIsFree(arena, service)))
      ? []
      : ['the claim of a failed run stayed']),
  ];
}

type End = { issue: Issue } | { failure: string; message: string };

/** How a run ends; a Temporal that is away meanwhile is asked again. */
async function endOf(arena: Arena, service: string, version: string): Promise<End> {
  const deadline = Date.now() + RUN_LIMIT_MS;
  for (;;) {
    const left = deadline - Date.now();
    const timeout = sleep(Math.max(0, left), 'late' as const, { ref: false });
    try {
      const issue = await Promise.race([arena.client.result(service, version), timeout]);
      if (issue !== 'late' && 'steps' in issue) return { issue };
      const status = await arena.client.status(service, version);
      return { failure: 'Late', message: JSON.stringify(status) };
    } catch (error) {
      if (error instanceof WorkflowFailedError) return failureOf(error);
      if (left <= 0) throw error;
      await sleep(500);
    }
  }
}

function failureOf({ cause }: WorkflowFailedError): End {
  const type = cause instanceof ApplicationFailure ? (cause.type ?? 'untyped') : 'untyped';
  return { failure: type, message: cause?.message ?? 'no cause' };
}
