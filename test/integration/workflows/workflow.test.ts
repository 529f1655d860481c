import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Activities } from '../../../src/activities';
import { QUERY, WORKFLOW } from '../../../src/domain/names';
import type { Progress } from '../../../src/domain/progress';
import { issue, versionCheck } from '../../fixtures/outcomes';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { sleep } from '../../fixtures/wait';

jest.setTimeout(60_000);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
}, 400_000);
afterAll(() => bench?.close());

const input = { service: 'user-service', version: 'v1.1.0' };
const run = <Result>(
  activities: Partial<Activities>,
  body: (handle: WorkflowHandle) => Promise<Result>,
) =>
  bench.withWorker(activities, async (taskQueue) => {
    const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, {
      taskQueue,
      workflowId: `release-prep/user-service/${randomUUID()}`,
      args: [input],
    });
    return body(handle);
  });
const failureOf = async (handle: WorkflowHandle): Promise<unknown> => {
  const error: unknown = await handle.result().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause;
};
const unavailable = (type: string) => () =>
  Promise.reject(ApplicationFailure.nonRetryable('it is down', type));

it('returns the issue, answers `progress` and sets the search attributes', async () => {
  await run({}, async (handle) => {
    expect(await handle.result()).toEqual(issue);
    const progress = await handle.query<Progress>(QUERY.progress);
    expect(progress.phase).toBe('prepared');
    expect(Object.values(progress.steps).map((step) => step.state)).toEqual(Array(4).fill('done'));
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes).toMatchObject({
      ReleaseService: ['user-service'],
      ReleaseVersion: ['v1.1.0'],
      ReleasePhase: ['prepared'],
      ReleaseOutcome: ['success'],
    });
  });
});

it('ends a refused release with the type and the StepResult, and runs nothing after', async () => {
  const after: string[] = [];
  const refused: Activities['verifyVersion'] = async () => ({
    request: input,
    refusal: 'VersionConflict',
    outcome: {
      result: {
        ...versionCheck,
        status: 'failed',
        summary: 'Version conflict',
        details: { ...versionCheck.details, conflict_reason: 'bj1-node-001 runs v1.1.0' },
      },
      warnings: [],
    },
  });
  const recordIssue = async () => {
    after.push('record');
    return issue;
  };
  await run({ verifyVersion: refused, recordIssue }, async (handle) => {
    const failure = await failureOf(handle);
    expect(failure).toMatchObject({ type: 'VersionConflict', message: 'bj1-node-001 runs v1.1.0' });
    expect((failure as ApplicationFailure).details?.[0]).toMatchObject({
      step_name: 'VersionCheck',
    });
    expect((await handle.describe()).searchAttributes).toMatchObject({
      ReleasePhase: ['refused'],
      ReleaseOutcome: ['VersionConflict'],
    });
  });
  expect(after).toEqual([]);
});

it('goes on without risks when the risk step fails, and hands the reason to the issue', async () => {
  let seen: unknown;
  let risks: unknown = 'not asked';
  const activities: Partial<Activities> = {
    predictRisks: unavailable('InternalError'),
    selectMetrics: async (args) => {
      risks = args.risks;
      return (await import('../../fixtures/outcomes')).selection;
    },
    recordIssue: async (args) => {
      seen = args.riskPrediction;
      return issue;
    },
  };
  await run(activities, async (handle) => void (await handle.result()));
  expect(seen).toEqual({ unavailable: 'it is down' });
  expect(risks).toBeNull();
});

it('predicts risks without a chain when Elasticsearch stays away', async () => {
  let seen: unknown;
  const activities: Partial<Activities> = {
    traceServiceChain: unavailable('ElasticsearchUnavailable'),
    predictRisks: async (args) => {
      seen = { chain: args.chain, chainError: args.chainError };
      return { result: (await import('../../fixtures/outcomes')).riskPrediction, warnings: [] };
    },
  };
  await run(activities, async (handle) => void (await handle.result()));
  expect(seen).toEqual({ chain: null, chainError: 'it is down' });
});

it.each([
  ['setThresholds', 'PrometheusUnavailable'],
  ['planGrayStrategy', 'ReleaseSystemUnavailable'],
  ['recordIssue', 'IssueStoreUnavailable'],
  ['deliverIssue', 'ExecutorUnavailable'],
] as const)('fails with a type when %s fails for good', async (activity, type) => {
  await run({ [activity]: unavailable(type) }, async (handle) => {
    expect(await failureOf(handle)).toMatchObject({ type, message: `${activity}: it is down` });
  });
});

it('lets every branch end before a failed run does', async () => {
  let planned = false;
  const activities: Partial<Activities> = {
    setThresholds: unavailable('PrometheusUnavailable'),
    planGrayStrategy: async () => {
      await sleep(500);
      planned = true;
      return { result: (await import('../../fixtures/outcomes')).releasePlan, warnings: [] };
    },
  };
  await run(activities, failureOf);
  expect(planned).toBe(true);
});

it('retries a system that comes back, and shows the failing try meanwhile', async () => {
  let tries = 0;
  const activities: Partial<Activities> = {
    verifyVersion: async () => {
      tries += 1;
      if (tries < 3)
        throw ApplicationFailure.create({
          type: 'ReleaseSystemUnavailable',
          message: 'ECONNREFUSED',
        });
      return { request: input, outcome: { result: versionCheck, warnings: [] } };
    },
  };
  await run(activities, async (handle) => {
    expect(await handle.result()).toEqual(issue);
  });
  expect(tries).toBe(3);
});

it('ends as cancelled when it is cancelled, with the phase to see', async () => {
  const activities: Partial<Activities> = {
    planGrayStrategy: async () => {
      await sleep(1_000);
      return { result: (await import('../../fixtures/outcomes')).releasePlan, warnings: [] };
    },
  };
  await run(activities, async (handle) => {
    await handle.cancel();
    expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
    expect((await handle.describe()).searchAttributes).toMatchObject({
      ReleasePhase: ['cancelled'],
    });
  });
});
