import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Activities } from '../../../src/activities';
import { claimRelease } from '../../../src/activities/claim-release';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import type { ReleasePrepClient } from '../../../src/client';
import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { workflowIdOf } from '../../../src/domain/names';
import type { ReleaseRequest } from '../../../src/domain/release';
import { issue } from '../../fixtures/outcomes';
import { breakable, withRelease } from '../../fixtures/stacks/counted-activities';
import { startBench, stubActivities, type Bench } from '../../fixtures/processes/release-worker';
import { sleep, waitUntil } from '../../fixtures/wait';

jest.setTimeout(60_000);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
}, 400_000);
afterAll(() => bench?.close());

const stubs = stubActivities();

async function untilParked(library: ReleasePrepClient, { service, version }: ReleaseRequest) {
  const progressOf = async () => (await library.status(service, version))?.progress;
  return (await waitUntil(progressOf, (progress) => progress?.phase === 'waiting'))!;
}
const attributesOf = async ({ service, version }: ReleaseRequest) =>
  (await bench.client.workflow.getHandle(workflowIdOf(service, version)).describe())
    .searchAttributes;
const rejectionOf = async (update: Promise<unknown>): Promise<ApplicationFailure> => {
  const error: unknown = await update.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return (error as WorkflowUpdateFailedError).cause as ApplicationFailure;
};

it('waits with what failed and why, and goes on when it is retried', async () => {
  const prometheus = breakable('PrometheusUnavailable');
  const broken = { setThresholds: prometheus.guard(stubs.setThresholds) };
  await withRelease(bench, broken, async ({ library, counts, request }) => {
    const { service, version } = request;
    const { handle, runId } = await library.start({ ...request, on_failure: 'wait' });
    const { waiting } = await untilParked(library, request);
    expect(waiting?.failed).toEqual([
      {
        activity: 'setThresholds',
        step: 'MetricAnalysis',
        type: 'PrometheusUnavailable',
        message: 'it is down',
      },
    ]);
    const days = (Date.parse(waiting?.until ?? '') - Date.parse(waiting?.since ?? '')) / 86_400_000;
    expect(days).toBe(7);
    expect(await attributesOf(request)).toMatchObject({
      ReleasePhase: ['waiting'],
      ReleaseOutcome: ['PrometheusUnavailable'],
    });
    prometheus.mend();
    expect(await library.retry(service, version)).toEqual({ retried: ['setThresholds'] });
    expect(await handle.result()).toEqual(issue);
    expect(counts).toMatchObject({ setThresholds: 2, claimRelease: 1, predictRisks: 1 });
    expect((await library.status(service, version))?.runId).toBe(runId);
    const { phase, waiting: still } = await library.progress(service, version);
    expect([phase, still]).toEqual(['prepared', undefined]);
    expect(await attributesOf(request)).toMatchObject({
      ReleasePhase: ['prepared'],
      ReleaseOutcome: ['success'],
    });
  });
});

it('runs one step alone when it is named, by its activity or its result, and waits on for the other', async () => {
  const [prometheus, system] = [
    breakable('PrometheusUnavailable'),
    breakable('ReleaseSystemUnavailable'),
  ];
  const broken: Partial<Activities> = {
    setThresholds: prometheus.guard(stubs.setThresholds),
    planGrayStrategy: system.guard(stubs.planGrayStrategy),
  };
  await withRelease(bench, broken, async ({ library, counts, request }) => {
    const { service, version } = request;
    const { handle } = await library.start({ ...request, on_failure: 'wait' });
    await untilParked(library, request);
    expect(
      await rejectionOf(library.retry(service, version, { step: 'recordIssue' })),
    ).toMatchObject({
      type: 'NothingWaits',
      message: expect.stringMatching(
        /^recordIssue does not wait for a retry; what failed: .*setThresholds \(MetricAnalysis\)/,
      ) as string,
    });
    system.mend();
    await library.retry(service, version, { step: 'ReleasePlan' });
    await waitUntil(() => counts.planGrayStrategy === 2);
    const { waiting } = await untilParked(library, request);
    expect(waiting?.failed.map(({ activity }) => activity)).toEqual(['setThresholds']);
    expect(counts.setThresholds).toBe(1);
    prometheus.mend();
    await library.retry(service, version, { step: 'setThresholds' });
    expect(await handle.result()).toEqual(issue);
    expect(counts).toMatchObject({ setThresholds: 2, planGrayStrategy: 2 });
  });
});

it('waits when the first step failed, before its input was parsed', async () => {
  const system = breakable('ReleaseSystemUnavailable');
  const broken = { verifyVersion: system.guard(stubs.verifyVersion) };
  await withRelease(bench, broken, async ({ library, request }) => {
    const { handle } = await library.start({ ...request, on_failure: 'wait' });
    await untilParked(library, request);
    system.mend();
    await library.resume(request.service, request.version);
    expect(await handle.result()).toEqual(issue);
  });
});

it('rejects a retry of a run that does not wait, and one of a run that has ended', async () => {
  const slow = { recordIssue: async () => sleep(1_000).then(() => issue) };
  await withRelease(bench, slow, async ({ library, request }) => {
    const { service, version } = request;
    const { handle } = await library.start({ ...request, on_failure: 'wait' });
    expect(await rejectionOf(library.retry(service, version))).toMatchObject({
      type: 'NothingWaits',
      message: expect.stringContaining('no step waits for a retry') as string,
    });
    await handle.result();
    await expect(library.retry(service, version)).rejects.toThrow('already completed');
  });
});

it('does not wait with a verdict: whoever asked for the release hears it at once', async () => {
  const refused: Partial<Activities> = {
    confirmRelease: async () => ({ changes: ['node-1: gone'], conflicts: [] }),
  };
  await withRelease(bench, refused, async ({ library, request }) => {
    const { handle } = await library.start({ ...request, on_failure: 'wait' });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'PlanOutdated' } });
  });
});

it('ends at once where it is one preparation too many: it would wait inside and be counted', async () => {
  const full: Partial<Activities> = {
    verifyVersion: () =>
      Promise.reject(ApplicationFailure.nonRetryable('3 run or wait', 'TooManyPreparations')),
  };
  await withRelease(bench, full, async ({ library, request }) => {
    const { handle } = await library.start({ ...request, on_failure: 'wait' });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'TooManyPreparations' } });
  });
});

it('waits no more, and says so, once it was cancelled or terminated', async () => {
  const broken = { setThresholds: breakable('PrometheusUnavailable').guard(stubs.setThresholds) };
  await withRelease(bench, broken, async ({ library, request }) => {
    const { service, version } = request;
    const first = await library.start({ ...request, on_failure: 'wait' });
    await untilParked(library, request);
    await library.cancel(service, version);
    await first.handle.result().catch(() => undefined);
    const cancelled = await library.status(service, version);
    expect(cancelled).toMatchObject({ state: 'CANCELLED', progress: { phase: 'cancelled' } });
    expect(cancelled?.progress?.waiting).toBeUndefined();

    const second = await library.start({ ...request, on_failure: 'wait' });
    await untilParked(library, request);
    await second.handle.terminate();
    const terminated = await library.status(service, version);
    expect(terminated).toMatchObject({ state: 'TERMINATED', progress: { phase: 'failed' } });
    expect(terminated?.progress?.waiting).toBeUndefined();
  });
});

it('goes on once when several people resume it at once', async () => {
  const prometheus = breakable('PrometheusUnavailable');
  const broken = { setThresholds: prometheus.guard(stubs.setThresholds) };
  await withRelease(bench, broken, async ({ library, counts, request }) => {
    const { service, version } = request;
    const { runId } = await library.start({ ...request, on_failure: 'wait' });
    await untilParked(library, request);
    prometheus.mend();
    const resumed = await Promise.all([1, 2, 3].map(() => library.resume(service, version)));
    expect(resumed.map((one) => one.runId)).toEqual([runId, runId, runId]);
    expect(await library.result(service, version)).toEqual(issue);
    expect(counts.setThresholds).toBe(2);
  });
});

it('keeps the claim on the service while it waits, and frees it when it is cancelled; a resume retries', async () => {
  const prometheus = breakable('PrometheusUnavailable');
  const knowledge = {
    rollout: [],
    technologies: [],
    services: [],
    risks: [],
  } as unknown as Knowledge;
  let queue = '';
  const broken: Partial<Activities> = {
    setThresholds: prometheus.guard(stubs.setThresholds),
    claimRelease: (args) =>
      claimRelease(
        {
          ...{ knowledge, client: bench.client, executor: { workflowType: '', taskQueue: '' } },
          releaseLock: createReleaseLock(bench.client, queue),
        },
        args,
      ),
  };
  await withRelease(bench, broken, async ({ library, request, taskQueue }) => {
    queue = taskQueue;
    const { service, version } = request;
    const { handle } = await library.start({ ...request, on_failure: 'wait' });
    await untilParked(library, request);
    const other = await library.start({ service, version: 'v2' });
    await expect(other.handle.result()).rejects.toMatchObject({
      cause: { type: 'ReleaseInProgress' },
    });
    await library.cancel(service, version);
    const error: unknown = await handle.result().catch((e: unknown) => e);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    expect(await createReleaseLock(bench.client, taskQueue).holderOf(service)).toBeNull();
    prometheus.mend();
    await library.resume(service, version);
    expect(await library.result(service, version)).toEqual(issue);
  });
});
