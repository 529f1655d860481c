import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SealError } from '../../adapters/issue-store/keyed-seal';
import { printable } from '../../adapters/terminal/printable';
import { redact } from '../../adapters/redaction';
import { UpstreamError, type UpstreamName } from '../../adapters/upstream/upstream-error';
import { FAILURE, type FailureType } from '../../domain/names';

const TYPE_OF: Record<UpstreamName, FailureType> = {
  'release-system': FAILURE.releaseSystem,
  elasticsearch: FAILURE.elasticsearch,
  prometheus: FAILURE.prometheus,
  model: FAILURE.model,
  'issue-store': FAILURE.issueStore,
  executor: FAILURE.executor,
  'release-lock': FAILURE.releaseLock,
  webhook: FAILURE.webhook,
};

/** A system that asks for an hour must not hold a release for an hour. */
const MAX_RETRY_DELAY_MS = 60_000;

/** Runs an activity's body; errors of the outside become typed failures with a verdict on retrying. */
export async function withTypedFailures<Result>(body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    throw toFailure(error);
  }
}

export function toFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof UpstreamError) {
    return ApplicationFailure.create({
      type: error instanceof SealError ? FAILURE.issueSeal : TYPE_OF[error.upstream],
      message: error.message,
      nonRetryable: error.permanent,
      nextRetryDelay:
        error.retryAfterMs === undefined
          ? undefined
          : Math.min(error.retryAfterMs, MAX_RETRY_DELAY_MS),
    });
  }
  // A bug in this program: it fails the same way each time, and the retry policy limits the attempts.
  return ApplicationFailure.create({
    type: FAILURE.internal,
    message: printable(
      redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    ),
    cause: error instanceof Error ? withoutSecrets(error) : undefined,
  });
}

/** Message and stack go into history; what else an error of some library carries (requests, headers) stays here. */
function withoutSecrets({ name, message, stack = '' }: Error): Error {
  const bare = new Error(redact(message));
  bare.name = name;
  bare.stack = redact(stack);
  return bare;
}
