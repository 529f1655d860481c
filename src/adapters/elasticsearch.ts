import { readFileSync } from 'node:fs';
import { Client, errors } from '@elastic/elasticsearch';
import { parseRetryAfter } from './http';
import { UpstreamError, type UpstreamName } from './upstream-error';

const REQUEST_TIMEOUT_MS = 20_000;

/** A client of the 8.x line, which 8.19 and 9.x servers both accept; Temporal owns retries. */
export function createElasticsearch(options: {
  url: string;
  apiKey?: string;
  username?: string;
  password?: string;
  caFile?: string;
}): Client {
  const { apiKey, username, password = '', caFile } = options;
  return new Client({
    node: options.url,
    maxRetries: 0,
    requestTimeout: REQUEST_TIMEOUT_MS,
    auth: apiKey ? { apiKey } : username ? { username, password } : undefined,
    tls: caFile ? { ca: readFileSync(caFile) } : undefined,
  });
}

/** Runs a request; what the client throws becomes an UpstreamError, the caller's own abort stays what it is. */
export async function fromElasticsearch<Result>(
  upstream: UpstreamName,
  signal: AbortSignal | undefined,
  body: () => Promise<Result>,
): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (!(error instanceof errors.ResponseError)) {
      throw new UpstreamError(upstream, (error as Error).message || 'no answer', { cause: error });
    }
    const status = error.statusCode;
    const retryAfter = error.headers?.['retry-after'];
    throw new UpstreamError(upstream, `answered ${status}: ${error.message.slice(0, 300)}`, {
      status,
      // A conflict is for the caller to look at, and a missing index for the next refresh.
      permanent: status === 409 ? false : undefined,
      retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : null),
    });
  }
}
