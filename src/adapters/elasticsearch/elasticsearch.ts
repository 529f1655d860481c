import { X509Certificate } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import { readAtStart } from '../files/plain-file';
import { BoundedConnection } from './bounded-connection';
import { BoundedSerializer } from './bounded-serializer';
import { failureOf } from './client-errors';
import { UpstreamError, type UpstreamName } from '../upstream/upstream-error';

/** Searches ask the server for 3 s; this bounds the silence of a server that hangs. */
const REQUEST_TIMEOUT_MS = 20_000;
/** A page of 5,000 spans is about 5 MB; a runaway answer must not fill the worker's memory. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
/** Compression is not requested. A response that is compressed anyway expands at most 1,032-fold (DEFLATE). */
const MAX_COMPRESSED_BYTES = 64 * 1024;

/** The authorities of a whole operating system are 0.3 MB. */
const MAX_CA_BYTES = 4 * 1024 * 1024;

/** A client of the 8.x line, which 8.19 and 9.x servers both accept; Temporal owns retries. */
export function createElasticsearch(options: {
  url: string;
  apiKey?: string;
  username?: string;
  password?: string;
  caFile?: string;
  maxResponseBytes?: number;
}): Client {
  const { apiKey, username, password = '', caFile } = options;
  return new Client({
    node: options.url,
    Connection: BoundedConnection,
    Serializer: BoundedSerializer,
    maxRetries: 0,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxResponseSize: options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
    maxCompressedResponseSize: MAX_COMPRESSED_BYTES,
    auth: apiKey ? { apiKey } : username ? { username, password } : undefined,
    tls: caFile ? { ca: readCa(caFile) } : undefined,
  });
}

/** The certificates of a private authority (PEM); an unusable file is said at the start, not at the first request. */
export function readCa(file: string): Buffer {
  try {
    const pem = readAtStart(file, MAX_CA_BYTES);
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const message = `ELASTICSEARCH_CA_FILE: ${file} is not a readable PEM certificate: ${(error as Error).message}`;
    throw new UpstreamError('elasticsearch', message, { permanent: true, cause: error });
  }
}

/** Runs requests; what the client throws becomes an UpstreamError, the caller's own abort is unchanged. */
export async function fromElasticsearch<Result>(
  upstream: UpstreamName,
  signal: AbortSignal | undefined,
  body: () => Promise<Result>,
): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw failureOf(upstream, error);
  }
}
