/** Each path through a preparation that a history is recorded of: what its activities answer, and what happens to it. */
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../src/activities';
import type { ReleasePrepClient } from '../../src/client';
import type { Conflict } from '../../src/domain/release-claim';
import type { ReleaseRequest } from '../../src/domain/release';
import { chain, versionCheck } from '../fixtures/outcomes';
import { breakable } from '../fixtures/stacks/counted-activities';
import { stubActivities } from '../fixtures/processes/release-worker';
import { sleep, waitUntil } from '../fixtures/wait';

type Run = { handle: WorkflowHandle; library: ReleasePrepClient; request: ReleaseRequest };
export type Path = {
  activities?: Partial<Activities>;
  input?: Partial<ReleaseRequest>;
  /** What people do to the run after its start; by default they wait for its end. */
  drive?: (run: Run) => Promise<unknown>;
};

const stubs = stubActivities();
const ended = (handle: WorkflowHandle) => handle.result().catch(() => undefined);
const down = (type: string) => () => Promise.reject(ApplicationFailure.nonRetryable('it is down', type));
const verdict = (refusal?: 'VersionConflict'): Activities['verifyVersion'] => async (input) => ({
  request: input as ReleaseRequest,
  ...(refusal && { refusal }),
  outcome: { result: versionCheck, warnings: [] },
});
const slowly =
  <Args extends unknown[], Result>(activity: (...args: Args) => Promise<Result>) =>
  async (...args: Args): Promise<Result> => {
    await sleep(1_200);
    return activity(...args);
  };
const conflict: Conflict = {
  kind: 'release_in_progress',
  service: 'user-service',
  holder: 'release-prep/user-service/v1.2.0',
  reason: 'user-service v1.2.0 is being prepared',
  until: null,
};
const neighbours = [{ service: 'frontend', hops: 1 }];
const withNeighbours = async () => ({ ...chain, upstream: neighbours });

async function untilParked({ library, request }: Run): Promise<void> {
  const phase = async () =>
    (await library.status(request.service, request.version))?.progress?.phase;
  await waitUntil(phase, (is) => is === 'waiting', { timeoutMs: 120_000 });
}

/** The upstream of an activity is down until it is mended between two acts of people. */
function broken<Name extends keyof Activities>(
  name: Name,
  drive: (run: Run, mend: () => void) => Promise<unknown>,
  input: Partial<ReleaseRequest> = {},
): Path {
  const upstream = breakable('ReleaseSystemUnavailable');
  const guarded = upstream.guard(stubs[name] as () => Promise<unknown>);
  return { activities: { [name]: guarded }, input, drive: (run) => drive(run, upstream.mend) };
}
const resumed = (name: keyof Activities): Path =>
  broken(name, async ({ handle, library, request: { service, version } }, mend) => {
    await ended(handle);
    mend();
    await library.resume(service, version);
    await library.result(service, version);
  });
const WAIT = { on_failure: 'wait' } as const;

/** Waits until the run is parked, then mends and retries it, or cancels it. */
const parkedThen = (retried: boolean) => async (run: Run, mend: () => void) => {
  await untilParked(run);
  const { service, version } = run.request;
  if (retried) {
    mend();
    await run.library.retry(service, version);
  } else await run.library.cancel(service, version);
  await ended(run.handle);
};

function twoBroken(): Path {
  const [system, prometheus] = [
    breakable('ReleaseSystemUnavailable'),
    breakable('PrometheusUnavailable'),
  ];
  return {
    input: WAIT,
    activities: {
      planGrayStrategy: system.guard(stubs.planGrayStrategy),
      setThresholds: prometheus.guard(stubs.setThresholds),
    },
    drive: async (run) => {
      const { service, version } = run.request;
      await untilParked(run);
      system.mend();
      await run.library.retry(service, version, { step: 'ReleasePlan' });
      await sleep(300);
      await untilParked(run);
      prometheus.mend();
      await run.library.retry(service, version);
      await ended(run.handle);
    },
  };
}

const cancelledIn = (activities: Partial<Activities>): Path => ({
  activities,
  drive: async ({ handle }) => {
    await sleep(500);
    await handle.cancel();
    await ended(handle);
  },
});

export const PATHS: Record<string, Path> = {
  happy: {},
  'happy-with-neighbours': { activities: { traceServiceChain: withNeighbours } },
  'dry-run': { input: { dry_run: true } },
  overridden: {
    input: { override: { by: 'alice', reason: 'the fix must go out' } },
    activities: { claimRelease: async () => [conflict] },
  },
  'nobody-executes': { activities: { deliverIssue: async () => ({ delivered_to: null }) } },

  'degraded-no-chain': { activities: { traceServiceChain: down('ElasticsearchUnavailable') } },
  'degraded-no-risks': { activities: { predictRisks: down('InternalError') } },

  'refused-version': { activities: { verifyVersion: verdict('VersionConflict') } },
  'refused-input': { activities: { verifyVersion: down('InvalidInput') } },
  'refused-conflict': { activities: { claimRelease: async () => [conflict] } },
  'refused-neighbour': {
    activities: {
      traceServiceChain: withNeighbours,
      checkNeighbours: async () => [{ ...conflict, kind: 'neighbour_releasing' }],
    },
  },
  'refused-outdated': {
    activities: { confirmRelease: async () => ({ changes: ['node-1: gone'], conflicts: [] }) },
  },

  'failed-verify': { activities: { verifyVersion: down('ReleaseSystemUnavailable') } },
  'failed-claim': { activities: { claimRelease: down('ReleaseLockUnavailable') } },
  'failed-neighbours': {
    activities: { traceServiceChain: withNeighbours, checkNeighbours: down('ReleaseLockUnavailable') },
  },
  'failed-shortlist': { activities: { shortlistMetrics: down('PrometheusUnavailable') } },
  'failed-select': { activities: { selectMetrics: down('InternalError') } },
  'failed-thresholds': { activities: { setThresholds: down('PrometheusUnavailable') } },
  'failed-plan': { activities: { planGrayStrategy: down('ReleaseSystemUnavailable') } },
  'failed-record': { activities: { recordIssue: down('IssueStoreUnavailable') } },
  'failed-confirm': { activities: { confirmRelease: down('ReleaseSystemUnavailable') } },
  'failed-deliver': { activities: { deliverIssue: down('ExecutorUnavailable') } },

  'resumed-verify': resumed('verifyVersion'),
  'resumed-thresholds': resumed('setThresholds'),
  'resumed-plan': resumed('planGrayStrategy'),
  'resumed-record': resumed('recordIssue'),
  'resumed-deliver': resumed('deliverIssue'),
  'resumed-twice': broken('planGrayStrategy', async ({ handle, library, request }, mend) => {
    const { service, version } = request;
    await ended(handle);
    await library.resume(service, version);
    await library.result(service, version).catch(() => undefined);
    mend();
    await library.resume(service, version);
    await library.result(service, version);
  }),
  'resumed-in-vain': broken('setThresholds', async ({ handle, library, request }) => {
    await ended(handle);
    await library.resume(request.service, request.version);
    await library.result(request.service, request.version).catch(() => undefined);
  }),
  'resumed-after-cancel': {
    activities: { planGrayStrategy: slowly(stubs.planGrayStrategy) },
    drive: async ({ handle, library, request: { service, version } }) => {
      await sleep(500);
      await handle.cancel();
      await ended(handle);
      await library.resume(service, version);
      await library.result(service, version);
    },
  },

  'parked-and-retried': broken('setThresholds', parkedThen(true), WAIT),
  'parked-at-the-start': broken('verifyVersion', parkedThen(true), WAIT),
  'parked-again': broken(
    'planGrayStrategy',
    async (run, mend) => {
      await untilParked(run);
      await run.library.retry(run.request.service, run.request.version);
      await sleep(300);
      await parkedThen(true)(run, mend);
    },
    WAIT,
  ),
  'parked-one-step-retried': twoBroken(),
  'parked-and-cancelled': broken('recordIssue', parkedThen(false), WAIT),
  'parked-cancelled-resumed': broken(
    'setThresholds',
    async (run, mend) => {
      await parkedThen(false)(run, () => undefined);
      mend();
      await run.library.resume(run.request.service, run.request.version);
      await run.library.result(run.request.service, run.request.version);
    },
    WAIT,
  ),

  'cancelled-while-verifying': cancelledIn({ verifyVersion: slowly(verdict()) }),
  'cancelled-while-analysing': cancelledIn({ traceServiceChain: slowly(stubs.traceServiceChain) }),
  'cancelled-while-recording': cancelledIn({ recordIssue: slowly(stubs.recordIssue) }),
};
