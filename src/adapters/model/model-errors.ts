import { isNativeError } from 'node:util/types';
import { APIConnectionError, APIError } from 'openai';
import { parseRetryAfter } from '../upstream/http';
import { redactedExcerpt } from '../redaction';
import { UpstreamError } from '../upstream/upstream-error';

/** An error of the client or the transport → UpstreamError with a fault, a verdict on retrying and the asked delay. */
export function toUpstreamError(error: unknown, timeout: AbortSignal): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (timeout.aborted) {
    return new UpstreamError('model', 'no whole answer in time', {
      fault: 'timeout',
      cause: error,
    });
  }
  if (error instanceof APIConnectionError || !(error instanceof APIError)) {
    return new UpstreamError('model', reasonOf(error), { fault: 'transport', cause: error });
  }
  const known = error as APIError;
  const { status } = known;
  const headers = error.headers as Headers | undefined;
  const permanent = isPermanent(known, status, headers);
  return new UpstreamError('model', `answered ${status}: ${wordsOf(known)}`, {
    status,
    permanent,
    // Azure filters prompts with a status 400.
    fault: error.code === 'content_filter' ? 'content_filter' : permanent ? 'rejected' : 'status',
    retryAfterMs: retryAfterOf(headers),
    cause: error,
  });
}

const PASSING = new Set([408, 409, 425, 429]);

/** `x-should-retry` is the server's own verdict; waiting does not restore a used-up quota. */
function isPermanent(error: APIError, status: number | undefined, headers?: Headers): boolean {
  const verdict = headers?.get('x-should-retry');
  if (verdict === 'true') return false;
  if (verdict === 'false') return true;
  if (error.code === 'insufficient_quota' || error.type === 'insufficient_quota') return true;
  return status !== undefined && status < 500 && !PASSING.has(status);
}

/** Milliseconds, seconds or an HTTP date. */
function retryAfterOf(headers: Headers | undefined): number | undefined {
  const text = headers?.get('retry-after-ms');
  const ms = text ? Number(text) : NaN;
  if (Number.isFinite(ms) && ms >= 0) return ms;
  return parseRetryAfter(headers?.get('retry-after') ?? null);
}

/** Node puts the reason of a failed fetch in `cause`, and the client wraps that in another `cause`. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (isNativeError(inner) && isNativeError(inner.cause)) inner = inner.cause;
  if (!isNativeError(inner)) return shown(String(inner));
  return shown(inner.message || (inner as NodeJS.ErrnoException).code || inner.name);
}

const wordsOf = (error: APIError): string => shown(error.message.replace(/^\d+ /, ''));

const shown = (text: string): string =>
  redactedExcerpt(text, 200).replace(/[\p{Cc}\p{Cf}]+/gu, ' ');

/** A request that a lower rung, or another name of the token limit, may fix. */
export function formatComplaint(error: unknown): 'format' | 'limit_field' | null {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return null;
  if (error.code === 'content_filter') return null;
  if (/context.{0,20}(length|window|size)|too (long|large|many tokens)/i.test(error.message))
    return null;
  if (/max_(completion_)?tokens/i.test(error.message)) return 'limit_field';
  return 'format';
}
