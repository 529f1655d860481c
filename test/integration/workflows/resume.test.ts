import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../../src/activities';
import { createReleasePrepClient } from '../../../src/client';
import { NotResumableError } from '../../../src/client/resume-run';
import { workflowIdOf } from '../../../src/domain/names';
import { issue, releasePlan, riskPrediction, versionCheck } from '../../fixtures/outcomes';
import {
  breakable,
  countedActivities,
  withRelease,
} from '../../fixtures/stacks/counted-activities';
import { startBench, stubActivities, type Bench } from '../../fixtures/processes/release-worker';
import { sleep, waitUntil } from '../../fixtures/wait';

jest.setTimeout(60_000);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
}, 400_000);
afterAll(() => bench?.close());

const stubs = stubActivities();
const failureOf = async (result: Promise<unknown>): Promise<ApplicationFailure> => {
  const error: unknown = await result.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause as ApplicationFailure;
};
const refusalOf = async (resumed: Promise<unknown>): Promise<NotResumableError> => {
  const error: unknown = await resumed.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(NotResumableError);
  return error as NotResumableError;
};

/** What every whole preparation executes once. */
const ONCE = {
  verifyVersion: 1,
  claimRelease: 1,
  traceServiceChain: 1,
  predictRisks: 1,
  shortlistMetrics: 1,
  selectMetrics: 1,
  setThresholds: 1,
  planGrayStrategy: 1,
  recordIssue: 1,
  confirmRelease: 1,
  deliverIssue: 1,
};
/** Asked by a run that failed for good whether it was reset: once in vain, once after the reset. */
const ASKED = { currentRun: 2 };
/** The claim ended with the failed run. */
const CLAIMED_ANEW = { claimRelease: 2 };

describe('after the cause was mended, resume runs what failed and nothing that succeeded', () => {
  it.each<[keyof Activities, string, object]>([
    ['verifyVersion', 'ReleaseSystemUnavailable', { verifyVersion: 2 }],
    ['claimRelease', 'ReleaseLockUnavailable', { claimRelease: 2 }],
    ['shortlistMetrics', 'PrometheusUnavailable', { ...CLAIMED_ANEW, shortlistMetrics: 2 }],
    ['selectMetrics', 'InternalError', { ...CLAIMED_ANEW, selectMetrics: 2 }],
    ['setThresholds', 'PrometheusUnavailable', { ...CLAIMED_ANEW, setThresholds: 2 }],
    ['planGrayStrategy', 'ReleaseSystemUnavailable', { ...CLAIMED_ANEW, planGrayStrategy: 2 }],
    ['recordIssue', 'IssueStoreUnavailable', { ...CLAIMED_ANEW, recordIssue: 2 }],
    ['confirmRelease', 'ReleaseSystemUnavailable', { ...CLAIMED_ANEW, confirmRelease: 2 }],
    // The look at the hosts just before a delivery is of no use after a failure of unknown length.
    [
      'deliverIssue',
      'ExecutorUnavailable',
      { ...CLAIMED_ANEW, confirmRelease: 2, deliverIssue: 2 },
    ],
  ])('%s', async (activity, type, again) => {
    const upstream = breakable(type);
    const broken = { [activity]: upstream.guard(stubs[activity] as () => Promise<unknown>) };
    await withRelease(bench, broken, async ({ library, counts, request }) => {
      const { service, version } = request;
      const first = await library.start(request);
      expect(await failureOf(first.handle.result())).toMatchObject({ type });
      expect((await library.status(service, version))?.failure).toMatchObject({ type });
      upstream.mend();
      const resumed = await library.resume(service, version);
      expect(await library.result(service, version)).toEqual(issue);
      expect(resumed.runId).not.toBe(first.runId);
      expect(counts).toEqual({ ...ONCE, ...ASKED, ...again });
      const { searchAttributes } = await bench.client.workflow
        .getHandle(workflowIdOf(service, version))
        .describe();
      expect(searchAttributes).toMatchObject({
        ReleasePhase: ['prepared'],
        ReleaseOutcome: ['success'],
      });
      const { phase, steps } = await library.progress(service, version);
      expect(phase).toBe('prepared');
      expect(Object.values(steps).map(({ state }) => state)).toEqual(Array(4).fill('done'));
    });
  });

  it('keeps what slower branches finished after the failure', async () => {
    const prometheus = breakable('PrometheusUnavailable');
    const broken: Partial<Activities> = {
      shortlistMetrics: prometheus.guard(stubs.shortlistMetrics),
      predictRisks: async () => {
        await sleep(700);
        return { result: riskPrediction, warnings: [] };
      },
      planGrayStrategy: async () => {
        await sleep(400);
        return { result: releasePlan, warnings: [] };
      },
    };
    await withRelease(bench, broken, async ({ library, counts, request }) => {
      await failureOf((await library.start(request)).handle.result());
      prometheus.mend();
      await library.resume(request.service, request.version);
      expect(await library.result(request.service, request.version)).toEqual(issue);
      expect(counts).toEqual({ ...ONCE, ...ASKED, ...CLAIMED_ANEW, shortlistMetrics: 2 });
    });
  });

  it('runs everything that failed, when two branches did', async () => {
    const [prometheus, system] = [
      breakable('PrometheusUnavailable'),
      breakable('ReleaseSystemUnavailable'),
    ];
    const broken: Partial<Activities> = {
      setThresholds: prometheus.guard(stubs.setThresholds),
      planGrayStrategy: system.guard(stubs.planGrayStrategy),
      predictRisks: prometheus.guard(stubs.predictRisks),
    };
    await withRelease(bench, broken, async ({ library, counts, request }) => {
      await failureOf((await library.start(request)).handle.result());
      prometheus.mend();
      await library.resume(request.service, request.version);
      expect(await failureOf(library.result(request.service, request.version))).toMatchObject({
        type: 'ReleaseSystemUnavailable',
      });
      system.mend();
      await library.resume(request.service, request.version);
      expect(await library.result(request.service, request.version)).toEqual(issue);
      expect(counts).toEqual({
        ...ONCE,
        currentRun: 4,
        claimRelease: 3,
        setThresholds: 2,
        predictRisks: 2,
        planGrayStrategy: 3,
      });
    });
  });

  it('records the issue under the first run, so that no second issue comes of a resumed run', async () => {
    const runs: string[] = [];
    const executor = breakable('ExecutorUnavailable');
    const store = breakable('IssueStoreUnavailable');
    const broken: Partial<Activities> = {
      recordIssue: store.guard(async ({ workflow }) => {
        runs.push(workflow.run_id);
        return issue;
      }),
      deliverIssue: executor.guard(stubs.deliverIssue),
    };
    await withRelease(bench, broken, async ({ library, request }) => {
      const { handle, runId } = await library.start(request);
      await failureOf(handle.result());
      store.mend();
      await library.resume(request.service, request.version);
      await failureOf(library.result(request.service, request.version));
      executor.mend();
      await library.resume(request.service, request.version);
      await library.result(request.service, request.version);
      expect(runs).toEqual([runId]);
    });
  });
});

it('goes on with a worker in which a bug was fixed', async () => {
  const buggy = countedActivities({
    planGrayStrategy: () => {
      throw ApplicationFailure.nonRetryable('TypeError: batches is undefined', 'InternalError');
    },
  });
  const fixed = countedActivities();
  const request = { service: 'shop-redeployed', version: 'v1' };
  const taskQueue = 'test-redeployed';
  const library = createReleasePrepClient({ client: bench.client, taskQueue });
  await bench.withWorker(
    buggy.activities,
    async () => {
      await failureOf((await library.start(request)).handle.result());
    },
    { taskQueue },
  );
  await library.resume(request.service, request.version);
  await bench.withWorker(
    fixed.activities,
    async () => expect(await library.result(request.service, request.version)).toEqual(issue),
    { taskQueue },
  );
  expect(fixed.counts).toEqual({
    ...{ currentRun: 1, claimRelease: 1, planGrayStrategy: 1 },
    ...{ recordIssue: 1, confirmRelease: 1, deliverIssue: 1 },
  });
});

it('looks once more at a refused release, since hosts may have been mended', async () => {
  let healthy = false;
  const broken: Partial<Activities> = {
    verifyVersion: async (input) => ({
      request: input as { service: string; version: string },
      ...(!healthy && { refusal: 'HostsUnhealthy' as const }),
      outcome: { result: versionCheck, warnings: [] },
    }),
  };
  await withRelease(bench, broken, async ({ library, counts, request }) => {
    const { service, version } = request;
    expect(await failureOf((await library.start(request)).handle.result())).toMatchObject({
      type: 'HostsUnhealthy',
    });
    await library.resume(service, version);
    const again = await failureOf(library.result(service, version));
    expect(again).toMatchObject({ type: 'HostsUnhealthy' });
    expect(again.details?.[0]).toMatchObject({ step_name: 'VersionCheck' });
    healthy = true;
    await library.resume(service, version);
    expect(await library.result(service, version)).toEqual(issue);
    expect(counts).toEqual({ ...ONCE, currentRun: 4, verifyVersion: 3 });
  });
});

describe('goes on from where a run was ended by hand or by its time', () => {
  const slow: Partial<Activities> = {
    planGrayStrategy: async () => {
      await sleep(1_500);
      return { result: releasePlan, warnings: [] };
    },
  };
  it.each(['cancel', 'terminate'] as const)('%s', async (end) => {
    await withRelease(bench, slow, async ({ library, counts, request }) => {
      const { service, version } = request;
      const { handle } = await library.start(request);
      await waitUntil(() => counts.setThresholds !== undefined);
      await sleep(300);
      await handle[end]();
      await handle.result().catch(() => undefined);
      await library.resume(service, version);
      expect(await library.result(service, version)).toEqual(issue);
      expect(counts).toEqual({ ...ONCE, planGrayStrategy: 2 });
    });
  });

  it('a time-out of the whole run', async () => {
    let late = true;
    const broken: Partial<Activities> = {
      recordIssue: async () => {
        if (late) await sleep(3_000);
        return issue;
      },
    };
    await withRelease(bench, broken, async ({ library, counts, request, taskQueue }) => {
      const { service, version } = request;
      const handle = await bench.client.workflow.start('ReleasePrepWorkflow', {
        taskQueue,
        workflowId: workflowIdOf(service, version),
        args: [request],
        workflowRunTimeout: '2s',
      });
      await handle.result().catch(() => undefined);
      expect((await library.status(service, version))?.state).toBe('TIMED_OUT');
      late = false;
      await library.resume(service, version);
      expect(await library.result(service, version)).toEqual(issue);
      expect(counts).toEqual({ ...ONCE, recordIssue: 2 });
    });
  });
});

it('lets concurrent resumes continue one and the same run', async () => {
  const store = breakable('IssueStoreUnavailable');
  const broken = { recordIssue: store.guard(stubs.recordIssue) };
  await withRelease(bench, broken, async ({ library, counts, request }) => {
    const { service, version } = request;
    await failureOf((await library.start(request)).handle.result());
    store.mend();
    const resumes = await Promise.allSettled(
      Array.from({ length: 8 }, () => library.resume(service, version)),
    );
    const runs = resumes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.runId] : []));
    const refused = resumes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(new Set(runs).size).toBe(1);
    // Who comes when the run goes on again, or is prepared, hears so.
    for (const error of refused) {
      expect(['running', 'prepared']).toContain((error as NotResumableError).reason);
    }
    expect(await library.result(service, version)).toEqual(issue);
    expect(counts).toEqual({ ...ONCE, ...ASKED, ...CLAIMED_ANEW, recordIssue: 2 });
  });
});

describe('says in one message why there is nothing to resume', () => {
  it('never prepared', async () => {
    await withRelease(bench, {}, async ({ library, request }) => {
      const { reason, message } = await refusalOf(library.resume(request.service, 'v0'));
      expect(reason).toBe('never-prepared');
      expect(message).toContain(
        `prepare it: release-prep prepare --service='${request.service}' --version='v0'`,
      );
    });
  });

  it('still running, then prepared', async () => {
    const slow = { recordIssue: async () => sleep(1_000).then(() => issue) };
    await withRelease(bench, slow, async ({ library, request }) => {
      const { service, version } = request;
      const { handle } = await library.start(request);
      const running = await refusalOf(library.resume(service, version));
      expect(running.reason).toBe('running');
      expect(running.message).toContain(`release-prep status '${service}' 'v1.1.0'`);
      await handle.result();
      const prepared = await refusalOf(library.resume(service, version));
      expect(prepared.reason).toBe('prepared');
    });
  });

  it('an input that would be refused again', async () => {
    const broken: Partial<Activities> = {
      verifyVersion: () =>
        Promise.reject(
          ApplicationFailure.nonRetryable('hosts: names a host_id twice', 'InvalidInput'),
        ),
    };
    await withRelease(bench, broken, async ({ library, request }) => {
      const { service, version } = request;
      await failureOf((await library.start(request)).handle.result());
      const { reason, message } = await refusalOf(library.resume(service, version));
      expect(reason).toBe('invalid-input');
      expect(message).toContain('names a host_id twice');
    });
  });
});
