import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { UpstreamError } from '../../adapters/upstream/upstream-error';
import { FAILURE } from '../../domain/names';
import { retryDecision } from '../../steps/prompt/token-budget';
import { currentAttempt } from '../runtime/activity-attempt';
import { cancellationSignal } from '../runtime/heartbeat';
import type { Session } from './model-session';

/**
 * What becomes of a call that failed: null after a short wait (ask again), the reason when the knowledge base decides.
 * Throws a retryable failure when the server named a wait that Temporal can keep, and a cancellation as it is.
 */
export async function waitOrGiveUp(
  error: unknown,
  session: Session,
  maxAskingMs: number,
): Promise<string | null> {
  if (error instanceof CancelledFailure || cancellationSignal()?.aborted) throw error;
  session.calls += 1;
  if (!(error instanceof UpstreamError)) {
    session.faults.push('internal');
    return `internal error: ${error instanceof Error ? error.message : String(error)}`;
  }
  session.faults.push(error.fault ?? 'transport');
  const decision = decide(error, session, maxAskingMs);
  switch (decision.kind) {
    case 'never':
      return error.message;
    case 'later':
      throw ApplicationFailure.create({
        type: FAILURE.model,
        message: error.message,
        nextRetryDelay: decision.delayMs,
      });
    case 'now':
      session.triedAgain = true;
      await rest(decision.delayMs);
      return null;
  }
}

function decide(error: UpstreamError, session: Session, maxAskingMs: number) {
  const attempt = currentAttempt();
  const asking = Date.now() - session.startedAt;
  return retryDecision({
    permanent: error.permanent || asking > maxAskingMs,
    retryAfterMs: error.retryAfterMs,
    triedAgain: session.triedAgain,
    attempt: attempt?.attempt ?? 1,
    elapsedMs: attempt?.elapsedMs ?? asking,
    remainingMs: attempt?.remainingMs,
  });
}

async function rest(ms: number): Promise<void> {
  const signal = cancellationSignal();
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error;
  });
}
