import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { ExecutionReason } from '../../domain/execution/execution';
import type { Release } from './release';

/** The release stops until a person continues or aborts it. */
export function stopForPerson(release: Release, reason: ExecutionReason): void {
  release.act({ type: 'pause' }, `${reason.code}: ${reason.text}`, 'executor');
  release.enter('needs_person', reason);
}

/** Runs a part of the flow; an outside system that fails for good stops the release for a person, and undoes nothing. */
export async function orStop(release: Release, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (isCancellation(error)) throw error;
    await release.tick();
    stopForPerson(release, reasonOf(error));
  }
}

/** What a failed activity says, for people. */
export function reasonOf(error: unknown): ExecutionReason {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const code = cause instanceof ApplicationFailure ? (cause.type ?? 'InternalError') : 'TimedOut';
  const text = cause instanceof Error ? cause.message : String(cause);
  return { code, text: text.slice(0, 1_000) };
}
