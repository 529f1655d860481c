import { checkBounds, DEFAULT_BOUNDS, parseBoundedJson } from '../upstream/bounded-json';

/** Valid completions are shorter; a runaway answer must not fill the worker's memory. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A completion is one long text with some figures, even where a server adds what each token cost. */
const COMPLETION_BOUNDS = { ...DEFAULT_BOUNDS, values: 200_000, text: MAX_BODY_BYTES };

/**
 * `fetch` for the openai client with three changes. The body is read here, bounded and under the caller's signal (the
 * client's time-out covers only the headers). Redirects are not followed, because they would send the prompt elsewhere.
 * The message of an error body without the key `error` ({message}, {detail}) is moved to where the client reads it.
 */
export async function boundedFetch(url: string | URL | Request, init?: RequestInit) {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  const text = await readBounded(response);
  // The client parses what it gets without a bound of its own.
  try {
    checkBounds(text, COMPLETION_BOUNDS);
  } catch (error) {
    throw new Error(`the answer is too large: ${(error as Error).message}`);
  }
  const { status, statusText, headers } = response;
  const kept = new Headers(headers);
  kept.delete('content-length');
  kept.delete('content-encoding');
  if (status === 204 || status === 304) return new Response(null, { status, headers: kept });
  return new Response(response.ok ? text : withErrorKey(text), {
    status,
    statusText,
    headers: kept,
  });
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the answer is over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function withErrorKey(text: string): string {
  try {
    const body = parseBoundedJson(text, COMPLETION_BOUNDS) as Record<string, unknown>;
    if (typeof body['error'] === 'string')
      return JSON.stringify({ error: { message: body['error'] } });
    if (body['error'] !== undefined) return text;
    return JSON.stringify({ error: { ...body, message: wordsOf(body) } });
  } catch {
    return text;
  }
}

const wordsOf = ({ message, detail }: Record<string, unknown>): string =>
  typeof message === 'string'
    ? message
    : typeof detail === 'string'
      ? detail
      : JSON.stringify(detail ?? message ?? '');
