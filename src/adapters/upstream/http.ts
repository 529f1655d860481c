import { isNativeError } from 'node:util/types';
import type { z } from 'zod';
import { redactedExcerpt } from '../redaction';
import { adviceOnConnection, adviceOnPage, adviceOnStatus } from './advice';
import { checkShape, JsonBoundError, parseBoundedJson, type JsonBounds } from './bounded-json';
import { UpstreamError, type UpstreamName } from './upstream-error';
import { recordRequest } from './upstream-metrics';

export type JsonRequest<Schema extends z.ZodType> = {
  upstream: UpstreamName;
  url: URL;
  schema: Schema;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  /** A form (URLSearchParams) or a JSON text. */
  body?: string | URLSearchParams;
  signal?: AbortSignal;
  timeoutMs?: number;
  maxBytes?: number;
  /** What the answer may hold, beyond its bytes. */
  bounds?: JsonBounds;
  /** The system's own words in the body of an error answer; without it the body's beginning is shown. */
  errorText?: (body: string) => string | undefined;
};

const DEFAULT_TIMEOUT_MS = 20_000;
/** 20,000 hosts with details, the most that a service may have, are about 10 MB in one page. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/** One JSON request: bounded in time and bytes, redirects refused, the answer parsed. Throws only UpstreamError. */
export async function requestJson<Schema extends z.ZodType>(
  request: JsonRequest<Schema>,
): Promise<z.infer<Schema>> {
  const { upstream, schema } = request;
  const where = `${request.method ?? 'GET'} ${shownUrl(request.url)}`;
  const { status, headers, text } = await send(request, where);
  if (status < 200 || status > 299) {
    throw new UpstreamError(
      upstream,
      `${where} answered ${status}: ${excerpt(request.errorText?.(text) ?? text)}${adviceOnStatus(upstream, status, headers.get('location'))}`,
      {
        status,
        permanent: status >= 300 && status < 400 ? true : undefined,
        retryAfterMs: parseRetryAfter(headers.get('retry-after')),
      },
    );
  }
  const checked = checkShape(schema, parseJson(request, where, text));
  if (checked.success) return checked.data;
  throw new UpstreamError(
    upstream,
    `${where} answered with an unexpected shape: ${checked.fault}`,
    {
      permanent: true,
    },
  );
}

async function send(request: JsonRequest<z.ZodType>, where: string) {
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  const began = performance.now();
  try {
    const response = await fetch(withoutCredentials(request.url), {
      method: request.method ?? 'GET',
      headers: { accept: 'application/json', ...basicAuth(request.url), ...request.headers },
      body: request.body,
      redirect: 'manual',
      signal,
    });
    const text = await readBounded(response, request.maxBytes ?? DEFAULT_MAX_BYTES);
    recordRequest(request.upstream, response.status, began);
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    recordRequest(request.upstream, request.signal?.aborted ? 'cancelled' : 'error', began);
    // A cancellation is not an upstream error; Temporal must receive it unchanged.
    if (request.signal?.aborted) throw request.signal.reason;
    if (error instanceof TooLarge) {
      throw new UpstreamError(request.upstream, `${where}: ${error.message}`, {
        permanent: true,
        tooLarge: true,
      });
    }
    const reason = timeout.aborted
      ? `no answer within ${timeoutMs} ms`
      : reasonOf(request.upstream, error);
    throw new UpstreamError(request.upstream, `${where}: ${reason}`, { cause: error });
  }
}

class TooLarge extends Error {}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TooLarge(`the answer exceeds ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(
  { upstream, bounds }: JsonRequest<z.ZodType>,
  where: string,
  text: string,
): unknown {
  try {
    return parseBoundedJson(text, bounds);
  } catch (error) {
    if (error instanceof JsonBoundError)
      throw new UpstreamError(upstream, `${where}: the answer is too large: ${error.message}`, {
        permanent: true,
        tooLarge: true,
      });
    throw new UpstreamError(
      upstream,
      `${where} did not answer with JSON: ${excerpt(text)}${adviceOnPage(upstream, text)}`,
      {
        cause: error,
      },
    );
  }
}

/** Seconds or an HTTP date → milliseconds from now; anything else counts as absent. */
export function parseRetryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Node hides the reason of a failed fetch (ECONNREFUSED, …) in `cause`. */
function reasonOf(upstream: UpstreamName, error: unknown): string {
  const cause = isNativeError(error) && isNativeError(error.cause) ? error.cause : error;
  if (!isNativeError(cause)) return String(cause);
  const code = (cause as NodeJS.ErrnoException).code;
  return adviceOnConnection(upstream, cause) ?? (cause.message || code || cause.name);
}

const excerpt = (text: string): string => redactedExcerpt(text, 200) || '(empty)';

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** Neither credentials nor the query, which may be long. */
export function withoutSecrets(url: URL): string {
  const bare = withoutCredentials(url);
  bare.search = '';
  return bare.href;
}

/** An id of 253 characters from an answer may have 2,277 when it is escaped. */
const MAX_SHOWN_URL = 500;

/** The address as messages show it. */
function shownUrl(url: URL): string {
  const bare = withoutSecrets(url);
  return bare.length > MAX_SHOWN_URL ? `${bare.slice(0, MAX_SHOWN_URL)}…` : bare;
}

function basicAuth(url: URL): Record<string, string> {
  if (url.username === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
