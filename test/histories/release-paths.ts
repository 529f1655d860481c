/** The paths through a release by the reference executor. */
import type { WorkflowHandle } from '@temporalio/client';
import type { ExecutionState } from '../../src/domain/execution/execution';
import type { Issue } from '../../src/domain/issue';
import { smallIssue } from '../fixtures/releases/small-release';
import { startSmallWorld, type SmallWorld } from '../fixtures/releases/small-world';
import { waitUntil } from '../fixtures/wait';

type ReleasePath = {
  changes?: Parameters<typeof smallIssue>[1];
  drive?: (handle: WorkflowHandle, issue: Issue) => Promise<unknown>;
};

const until = (handle: WorkflowHandle, phase: ExecutionState['phase']) =>
  waitUntil(
    () => handle.query<ExecutionState>('state'),
    (state) => state.phase === phase,
    { timeoutMs: 60_000 },
  );
const update = (handle: WorkflowHandle, name: string, input: object) =>
  handle.executeUpdate(name, { args: [input] });

/** By name, which is the service too. */
export const RELEASE_PATHS: Record<string, ReleasePath> = {
  'release-completed': {},
  'release-mitigated': {},
  'release-rolled-back': {},
  'release-approved': {
    changes: { approvals: 1 },
    drive: async (handle, { digest }) => {
      await until(handle, 'waiting_approval');
      await update(handle, 'approve', { by: 'Bob', digest });
    },
  },
  'release-paused': {
    drive: async (handle) => {
      await until(handle, 'observing');
      await update(handle, 'pause', { by: 'Ana', reason: 'lunch' });
      await until(handle, 'paused');
      await update(handle, 'continue', { by: 'Ana' });
    },
  },
  'release-no-data': {
    drive: async (handle) => {
      await until(handle, 'needs_person');
      await update(handle, 'abort', { by: 'Ana', reason: 'no data', rollback: true });
    },
  },
  'release-deploy-failed': {},
  'release-rollback-failed': {
    changes: { answers: ['rollback'] },
    drive: async (handle) => {
      await until(handle, 'needs_person');
      await update(handle, 'continue', { by: 'Ana' });
    },
  },
  'release-cancelled': {
    changes: { observation: 60 },
    drive: async (handle) => {
      await until(handle, 'observing');
      await handle.cancel();
    },
  },
  'release-expired': { changes: { approvals: 1, expiresInMs: 3_000 } },
};

/** Upstreams that do to each release what its path is about. */
export const startReleaseWorld = (): Promise<SmallWorld> =>
  startSmallWorld(
    {
      ...Object.fromEntries(Object.keys(RELEASE_PATHS).map((name) => [name, {}])),
      'release-deploy-failed': {
        fate: (change) =>
          change.kind === 'deployment' && change.version === 'v1.1.0' ? { end: 'failed' } : {},
      },
      'release-rollback-failed': {
        fate: (change, earlier) =>
          change.kind === 'deployment' && change.version === 'v1.0.0' && earlier.length === 1
            ? { end: 'failed' }
            : {},
      },
    },
    (service, _, system) => {
      const { changes } = system;
      const released = system
        .hosts().filter(({ services }) => services[0]?.version === 'v1.1.0').length;
      const mitigated = changes.some(({ kind }) => kind === 'mitigation');
      if (service === 'release-no-data') return released > 0 ? null : 5;
      if (service === 'release-mitigated') return released > 0 && !mitigated ? 50 : 5;
      const broken = service === 'release-rolled-back' || service === 'release-rollback-failed';
      return broken && released > 0 ? 50 : 5;
    },
  );
