import { errors, UndiciConnection } from '@elastic/elasticsearch';
import {
  fromOpenSearch,
  isOpenSearch,
  mayBeOpenSearch,
  mergeAnswers,
  ROOT_REQUEST,
  toOpenSearch,
  type WireAnswer,
} from './open-search';
import { recordRequest } from '../upstream/upstream-metrics';

type Params = Parameters<UndiciConnection['request']>[0];
type Options = Parameters<UndiciConnection['request']>[1];

const FALLBACK_TIMEOUT_MS = 20_000;
const FALLBACK_MAX_BYTES = 64 * 1024 * 1024;

/**
 * The client's own bound (8.19.2, transport 8.11.0) destroys an answer that it does not read, and the error event of
 * that stream has no listener and ends the process. So the answer is read as a stream here, within the same
 * options `maxResponseSize` and `maxCompressedResponseSize`.
 */
export class BoundedConnection extends UndiciConnection {
  #isOpenSearch: boolean | undefined;

  // The base class has one overload for streams and one for texts; only texts are requested here.
  override async request(params: Params, options: Options): Promise<never> {
    const began = performance.now();
    try {
      const answer = await this.#ask(params, options);
      recordRequest('elasticsearch', answer.statusCode, began);
      return answer as never;
    } catch (error) {
      const aborted = options.signal?.aborted ?? false;
      recordRequest('elasticsearch', aborted ? 'cancelled' : 'error', began);
      throw error;
    }
  }

  /** Elasticsearch is asked as it is. Another server is asked once what it is, and as OpenSearch if it is that. */
  async #ask(params: Params, options: Options): Promise<WireAnswer> {
    if (this.#isOpenSearch !== true) {
      const answer = await this.#read(params, options);
      if (this.#isOpenSearch === false || !mayBeOpenSearch(answer)) return answer;
      const root = await this.#read(
        { ...params, ...ROOT_REQUEST, querystring: '', body: null } as Params,
        options,
      );
      this.#isOpenSearch = isOpenSearch(root);
      if (!this.#isOpenSearch) return answer;
    }
    const answers: WireAnswer[] = [];
    const requests = toOpenSearch(params);
    for (const request of requests) answers.push(await this.#read(request as Params, options));
    return fromOpenSearch(requests[0] ?? ROOT_REQUEST, mergeAnswers(answers));
  }

  async #read(params: Params, options: Options): Promise<WireAnswer> {
    // The client's time begins again with each `103 Early Hints` and each byte of the body, which may have no end.
    const late = AbortSignal.timeout(options.timeout ?? this.timeout ?? FALLBACK_TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
    try {
      const { statusCode, headers, body } = await super.request(params, {
        ...options,
        signal,
        asStream: true,
      });
      const compressed = /gzip|deflate/i.test(String(headers['content-encoding'] ?? ''));
      const limit =
        (compressed ? options.maxCompressedResponseSize : options.maxResponseSize) ??
        FALLBACK_MAX_BYTES;
      const bytes = await readBounded(body, limit);
      return { statusCode, headers, body: compressed ? bytes : bytes.toString('utf8') };
    } catch (error) {
      if (late.aborted && !options.signal?.aborted)
        throw new errors.TimeoutError('no whole answer in time');
      throw error;
    }
  }
}

async function readBounded(body: NodeJS.ReadableStream, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      // Leaving the loop destroys the stream, and so the connection.
      if (size > limit)
        throw new errors.RequestAbortedError(`it exceeds the limit of ${limit} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof errors.RequestAbortedError) throw error;
    throw new errors.ConnectionError((error as Error).message);
  }
  return Buffer.concat(chunks);
}
