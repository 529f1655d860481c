/**
 * What durability costs: `npm run bench:overhead -- [--pairs N] [--delay MS] [--rounds N] [--only NAME]`. The same
 * activities called directly and through Temporal, in turn; and the workflow's throughput against a bare one's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import Table from 'cli-table3';
import { buildDeps } from '../../src/bootstrap/create-deps';
import { parseConfig } from '../../src/config/config';
import { WORKFLOW, workflowIdOf } from '../../src/domain/names';
import type { Activities } from '../../src/activities';
import { startUpstreams, writeChains } from './load/landscape';
import { serviceName, VERSION } from './load/names';
import { readHistory, type RunFigures } from './load/run-figures';
import { prepareDirectly } from './overhead/direct';
import {
  claimsInMemory,
  claimsInTemporal,
  oneCallActivities,
  productActivities,
  type Claims,
} from './overhead/sides';
import {
  bareActivities,
  bareBundle,
  startTemporalBench,
  type TemporalBench,
} from './overhead/temporal';
import { compareThroughput } from './overhead/throughput';
import { median, percentile } from './statistics';
import { showTargets } from './targets';

const { values: given } = parseArgs({
  options: {
    pairs: { type: 'string', default: '15' },
    delay: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
});
const PAIRS = Number(given.pairs);
const DELAY_MS = Number(given.delay);
/** A day of history: how long levels are computed is no matter of durability. */
const HISTORY_HOURS = 24;
const SERVICES = 500;

let next = 0;
/** A service of its own for each run: none waits for another's claim, no cache answers. */
const freshRequest = () => ({ service: serviceName(next++), version: VERSION });

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'release-prep-overhead-'));
  const standIns = await startUpstreams({
    services: SERVICES,
    delayMs: DELAY_MS,
    historyHours: HISTORY_HOURS,
  });
  const temporal = await startTemporalBench();
  try {
    const upstreams = await buildDeps(
      parseConfig({
        ...standIns.env,
        TOPOLOGY_URL: `file:${await writeChains(folder, SERVICES)}`,
        ISSUE_STORE_URL: `file:${path.join(folder, 'issues')}`,
        LLM_MODE: 'off',
      }),
    );
    const wanted = (name: string) => given.only === undefined || given.only === name;
    const oneCall = (claims: Claims) => oneCallActivities(DELAY_MS, upstreams, claims);
    const product = (claims: Claims) => productActivities(upstreams, claims);
    if (wanted('one-call')) {
      const bare = await temporal.work(bareActivities, bareBundle());
      await compare(temporal, 'one call a step', oneCall, bare);
    }
    if (wanted('product')) await compare(temporal, "the product's steps", product);
    if (wanted('throughput')) await compareThroughput(temporal, upstreams, Number(given.rounds));
  } finally {
    await temporal.stop();
    await standIns.process.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Rounds of runs, one directly, one through Temporal and one of a bare workflow, in turn, so that a busy moment
 * strikes all of them.
 */
async function compare(
  { client, work }: TemporalBench,
  title: string,
  activitiesWith: (claims: Claims) => Activities,
  bareQueue?: string,
): Promise<void> {
  const direct = activitiesWith(claimsInMemory());
  const taskQueue = `bench-${title.replaceAll(/\W/g, '-')}`;
  await work(activitiesWith(claimsInTemporal(client, taskQueue)), undefined, taskQueue);
  const handles: WorkflowHandle[] = [];
  const start = async (type: string, queue: string, input: object = {}) => {
    const request = freshRequest();
    const workflowId = workflowIdOf(request.service, request.version);
    const args = [{ ...request, ...input }];
    return client.workflow.start(type, { taskQueue: queue, workflowId, args });
  };
  const sides = {
    direct: async () => void (await prepareDirectly(direct, freshRequest())),
    durable: async () => {
      const handle = await start(WORKFLOW.releasePrep, taskQueue);
      await handle.result();
      handles.push(handle);
    },
    bare: async () => {
      if (bareQueue === undefined) return;
      const handle = await start('BareWorkflow', bareQueue, { delayMs: DELAY_MS });
      await handle.result();
    },
  };
  const rounds: Record<keyof typeof sides, number>[] = [];
  for (let round = 0; round <= PAIRS; round += 1) {
    const times = { direct: 0, durable: 0, bare: 0 };
    for (const side of ['direct', 'durable', 'bare'] as const)
      times[side] = await timeOf(sides[side]);
    // The first of each loads code and opens connections.
    if (round > 0) rounds.push(times);
  }
  const runs = await Promise.all(handles.slice(1).map(readHistory));
  show(`${title}, upstreams answer after ${DELAY_MS} ms, ${PAIRS} pairs`, [
    ['directly, ms', rounds.map((one) => one.direct)],
    ['through Temporal, ms', rounds.map((one) => one.durable)],
    ['overhead, ms', rounds.map((one) => one.durable - one.direct)],
    ['ratio', rounds.map((one) => one.durable / one.direct), 3],
    ['a bare workflow of the same shape, ms', rounds.map((one) => one.bare)],
    ...costsOf(runs),
  ]);
  const ratio = median(rounds.map((one) => one.durable / one.direct));
  showTargets([{ what: `${title}, ratio to direct calls`, measured: ratio, atMost: 1.1 }]);
}

/** Where the time goes between the steps. */
const costsOf = (runs: RunFigures[]): [string, number[], number][] => [
  ['an activity waits for a worker, ms', runs.flatMap((run) => run.activityQueueMs), 1],
  ['a workflow task waits, ms', runs.flatMap((run) => run.workflowQueueMs), 1],
  ['a workflow task takes, ms', runs.flatMap((run) => run.workflowTaskMs), 1],
  ...Object.keys(runs[0]?.activityMs ?? {}).map((type): [string, number[], number] => [
    `${type} takes, ms`,
    runs.flatMap(({ activityMs }) => activityMs[type] ?? []),
    0,
  ]),
  ['workflow tasks a run', runs.map(({ workflowTaskMs }) => workflowTaskMs.length), 0],
  ['events a run', runs.map(({ events }) => events), 0],
  ['history of a run, bytes', runs.map(({ bytes }) => bytes), 0],
];

async function timeOf(body: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await body();
  return performance.now() - began;
}

function show(title: string, rows: [string, number[], number?][]): void {
  console.log(title);
  const table = new Table({ head: ['', 'median', 'p10', 'p90'], style: { head: [], border: [] } });
  for (const [name, values, digits = 0] of rows) {
    const cells = [median(values), percentile(values, 0.1), percentile(values, 0.9)];
    table.push([name, ...cells.map((value) => value.toFixed(digits))]);
  }
  console.log(table.toString());
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
