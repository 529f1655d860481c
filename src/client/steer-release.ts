import {
  QueryNotRegisteredError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ExecutionState } from '../domain/execution/execution';
import { executorIdOf, EXECUTOR, REJECTION } from '../domain/names';

/** What a person asks of a release. */
export type Steering =
  | { type: 'approve'; by: string; digest: string }
  | { type: 'pause'; by: string; reason: string }
  | { type: 'continue'; by: string }
  | { type: 'abort'; by: string; reason: string; rollback?: boolean };

/** `refused`: by the guard or the executor, with the code. */
export type Steered =
  | { kind: 'done'; state: ExecutionState }
  | { kind: 'absent' }
  | { kind: 'refused' | 'malformed'; code: string; reason: string }
  | { kind: 'no_answer'; reason: string };

/** A worker answers within a second. */
const ANSWER_LIMIT_MS = 10_000;

/** Reads and steers the release of a service and version by the executor that carries it out. */
export function createReleaseSteering(client: Client) {
  const answered = async (
    service: string,
    version: string,
    ask: (handle: ReturnType<Client['workflow']['getHandle']>) => Promise<ExecutionState>,
  ): Promise<Steered> => {
    const handle = client.workflow.getHandle(executorIdOf(service, version));
    try {
      const state = await client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () => ask(handle));
      return { kind: 'done', state };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'absent' };
      if (error instanceof WorkflowUpdateFailedError) {
        const { cause } = error;
        const code = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
        const reason = cause?.message ?? error.message;
        return { kind: code === REJECTION.malformed ? 'malformed' : 'refused', code, reason };
      }
      if (error instanceof QueryNotRegisteredError)
        return { kind: 'no_answer', reason: 'the executor of this release has no query state' };
      return { kind: 'no_answer', reason: (error as Error).message };
    }
  };
  return {
    /** Whether the executor's workflow still runs. */
    isRunning: async (service: string, version: string): Promise<boolean> => {
      const { status } = await client.workflow.getHandle(executorIdOf(service, version)).describe();
      return status.name === 'RUNNING';
    },
    state: (service: string, version: string): Promise<Steered> =>
      answered(service, version, (handle) => handle.query<ExecutionState>(EXECUTOR.state)),
    steer: (service: string, version: string, { type, ...input }: Steering): Promise<Steered> =>
      answered(service, version, (handle) =>
        handle.executeUpdate<ExecutionState, [object]>(EXECUTOR[type], { args: [input] }),
      ),
  };
}
export type ReleaseSteering = ReturnType<typeof createReleaseSteering>;
