/** How many preparations a second, against a workflow that does nothing but call as many activities. */
import { randomUUID } from 'node:crypto';
import Table from 'cli-table3';
import pLimit from 'p-limit';
import type { Upstreams } from '../../../src/bootstrap/create-deps';
import { WORKFLOW, workflowIdOf } from '../../../src/domain/names';
import { stubActivities } from '../../fixtures/processes/release-worker';
import { VERSION } from '../load/names';
import { usageOf } from '../load/proc';
import { median, percentile } from '../statistics';
import { showTargets } from '../targets';
import { claimsInTemporal, oneCallActivities } from './sides';
import { bareActivities, bareBundle, type TemporalBench } from './temporal';

const RUNS = 100;
const AT_ONCE = 20;
const WARM_UP = 20;

type Side = { name: string; workflow: string; taskQueue: string; round: Round[] };
type Round = { runsPerSecond: number; serverCpuMs: number; workerCpuMs: number };

/** Rounds in turn: bare, the product's with activities that do nothing, and that with its claims and delivery. */
export async function compareThroughput(
  temporal: TemporalBench,
  upstreams: Upstreams,
  rounds: number,
): Promise<void> {
  const claimed = `bench-claims-${randomUUID()}`;
  const claims = claimsInTemporal(temporal.client, claimed);
  const sides: Side[] = [
    {
      name: 'bare workflow',
      workflow: 'BareWorkflow',
      taskQueue: await temporal.work(bareActivities, bareBundle()),
      round: [],
    },
    {
      name: 'ReleasePrepWorkflow, activities that do nothing',
      workflow: WORKFLOW.releasePrep,
      taskQueue: await temporal.work(stubActivities()),
      round: [],
    },
    {
      name: 'with its claims and its delivery',
      workflow: WORKFLOW.releasePrep,
      taskQueue: await temporal.work(oneCallActivities(0, upstreams, claims), undefined, claimed),
      round: [],
    },
  ];
  for (const side of sides) await run(temporal, side, WARM_UP);
  for (let round = 0; round < rounds; round += 1) {
    for (const side of sides) side.round.push(await run(temporal, side, RUNS));
  }
  show(sides, rounds);
}

async function run(
  { client, serverPid }: TemporalBench,
  { workflow, taskQueue }: Side,
  runs: number,
): Promise<Round> {
  const limit = pLimit(AT_ONCE);
  const before = [
    usageOf(serverPid)?.cpuMs ?? Number.NaN,
    usageOf(process.pid)?.cpuMs ?? 0,
  ] as const;
  const began = performance.now();
  const one = async () => {
    const service = `s-${randomUUID()}`;
    const args = [workflow === 'BareWorkflow' ? { delayMs: 0 } : { service, version: VERSION }];
    await client.workflow.execute(workflow, {
      taskQueue,
      workflowId: workflowIdOf(service, VERSION),
      args,
    });
  };
  await Promise.all(Array.from({ length: runs }, () => limit(one)));
  const seconds = (performance.now() - began) / 1000;
  return {
    runsPerSecond: runs / seconds,
    serverCpuMs: ((usageOf(serverPid)?.cpuMs ?? Number.NaN) - before[0]) / runs,
    workerCpuMs: ((usageOf(process.pid)?.cpuMs ?? 0) - before[1]) / runs,
  };
}

function show(sides: Side[], rounds: number): void {
  console.log(`throughput, ${rounds} rounds of ${RUNS} runs in turn, ${AT_ONCE} at a time`);
  const table = new Table({
    head: [
      '',
      'runs/s median (p10–p90)',
      'of the bare',
      'server CPU ms a run',
      'worker and client CPU ms a run',
      'CPU of the bare',
    ],
    style: { head: [], border: [] },
  });
  const bare = sides[0]?.round ?? [];
  const cpu = ({ serverCpuMs, workerCpuMs }: Round) => serverCpuMs + workerCpuMs;
  for (const { name, round } of sides) {
    const speeds = round.map(({ runsPerSecond }) => runsPerSecond);
    const against = (of: (one: Round) => number) =>
      median(round.map((one, index) => of(one) / of(bare[index] ?? one))).toFixed(2);
    table.push([
      name,
      `${median(speeds).toFixed(1)} (${percentile(speeds, 0.1).toFixed(1)}–${percentile(speeds, 0.9).toFixed(1)})`,
      against(({ runsPerSecond }) => runsPerSecond),
      median(round.map(({ serverCpuMs }) => serverCpuMs)).toFixed(0),
      median(round.map(({ workerCpuMs }) => workerCpuMs)).toFixed(0),
      against(cpu),
    ]);
  }
  console.log(table.toString());
  // The first is the bare workflow itself.
  showTargets(
    sides.slice(1).map(({ name, round }) => ({
      what: `throughput of a bare workflow: ${name}`,
      measured: median(round.map((one, i) => one.runsPerSecond / (bare[i] ?? one).runsPerSecond)),
      atLeast: 0.9,
    })),
  );
}
