import { checkShape, parseBoundedJson } from '../upstream/bounded-json';
import { z } from 'zod';

/** A request as the client's connection sends it; an answer as it gives it. */
export type WireRequest = {
  method: string;
  path: string;
  querystring?: string | null;
  body?: unknown;
  headers?: Record<string, unknown>;
};
export type WireAnswer = { statusCode: number; headers: Record<string, unknown>; body: unknown };

const PLAIN = 'application/json';
const LINES = 'application/x-ndjson';
const PRODUCT = 'x-elastic-product';

/** An answer that Elasticsearch would not give: it refuses the client's media type, or does not name itself. */
export const mayBeOpenSearch = ({ statusCode, headers }: WireAnswer): boolean =>
  statusCode === 406 || (statusCode < 300 && headers[PRODUCT] === undefined);

const Root = z.object({ version: z.object({ distribution: z.literal('opensearch') }) });

/** Whether the answer to `GET /` is OpenSearch's. */
export function isOpenSearch({ statusCode, body }: WireAnswer): boolean {
  if (statusCode !== 200 || typeof body !== 'string') return false;
  try {
    return checkShape(Root, parseBoundedJson(body)).success;
  } catch {
    return false;
  }
}

export const ROOT_REQUEST: WireRequest = { method: 'GET', path: '/', headers: { accept: PLAIN } };

/**
 * A request of the Elasticsearch client in the words of OpenSearch: plain media types, and points in time under their
 * other names. It has no sort by shard and document: the number of the write takes its place.
 */
export function toOpenSearch(request: WireRequest): WireRequest[] {
  const plain = { ...request, headers: plainHeaders(request.headers ?? {}) };
  const { method, path, querystring, body } = request;
  if (method === 'POST' && path.endsWith('/_pit')) {
    const renamed = path.replace(/_pit$/, '_search/point_in_time');
    return [{ ...plain, path: renamed, querystring: pitQuery(querystring), body: undefined }];
  }
  if (method === 'DELETE' && path === '/_pit') {
    const pit_id = [objectIn(body)['id']];
    return [{ ...plain, path: '/_search/point_in_time', body: JSON.stringify({ pit_id }) }];
  }
  if (path.endsWith('/_field_caps')) return fieldQueries(plain);
  if (path.endsWith('/_search')) return [{ ...plain, body: searchBody(body) }];
  return [plain];
}

/** The answer as the Elasticsearch client takes it. */
export function fromOpenSearch(request: WireRequest, answer: WireAnswer): WireAnswer {
  const headers = { ...answer.headers, [PRODUCT]: 'Elasticsearch' };
  if (!request.path.endsWith('/_search/point_in_time') || request.method !== 'POST')
    return { ...answer, headers };
  const { pit_id: id } = objectIn(answer.body);
  return id === undefined
    ? { ...answer, headers }
    : { ...answer, headers, body: JSON.stringify({ id }) };
}

function plainHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    // The length is that of the body as the client wrote it.
    Object.entries(headers)
      .filter(([name]) => name !== 'content-length')
      .map(([name, value]) => {
        if (typeof value !== 'string' || !value.includes('application/vnd.elasticsearch+'))
          return [name, value];
        return [name, value.includes('x-ndjson') ? LINES : PLAIN];
      }),
  );
}

/** `ignore_unavailable` is known; the other name of partial results is not. */
function pitQuery(querystring: string | null | undefined): string {
  const query = new URLSearchParams(querystring ?? '');
  const partial = query.get('allow_partial_search_results');
  query.delete('allow_partial_search_results');
  if (partial !== null) query.set('allow_partial_pit_creation', partial);
  return query.toString();
}

/** Its lines end at 4,096 characters, and it reads the names of fields from the query alone. */
const MAX_FIELDS_LENGTH = 1_500;

function fieldQueries(plain: WireRequest): WireRequest[] {
  const { fields } = objectIn(plain.body);
  if (!Array.isArray(fields)) return [plain];
  const batches: string[][] = [[]];
  let length = 0;
  for (const field of fields.filter((each) => typeof each === 'string')) {
    if (length + field.length > MAX_FIELDS_LENGTH) {
      batches.push([]);
      length = 0;
    }
    batches.at(-1)?.push(field);
    length += field.length + 1;
  }
  return batches.map((batch) => {
    const query = new URLSearchParams(plain.querystring ?? '');
    query.set('fields', batch.join(','));
    return { ...plain, method: 'GET', querystring: query.toString(), body: undefined };
  });
}

/** Answers about parts of the fields as one. */
export function mergeAnswers(answers: readonly WireAnswer[]): WireAnswer {
  const [first, ...others] = answers;
  const failed = answers.find(({ statusCode }) => statusCode >= 300);
  if (first === undefined) throw new Error('no answer to merge');
  if (failed !== undefined || others.length === 0) return failed ?? first;
  const parts = answers.map(({ body }) => objectIn(body));
  const fields = Object.assign({}, ...parts.map((part) => part['fields'])) as object;
  return { ...first, body: JSON.stringify({ ...parts[0], fields }) };
}

function searchBody(body: unknown): unknown {
  const search = objectIn(body);
  const { sort, search_after: after } = search;
  if (!Array.isArray(sort) || !sort.some((each) => JSON.stringify(each).includes('_shard_doc')))
    return body;
  const [last] = Array.isArray(after) ? (after as unknown[]) : [];
  return JSON.stringify({
    ...search,
    sort: [{ _seq_no: 'asc' }],
    // Numbers repeat over shards: those of the last one are read again, and spans that come twice are one.
    ...(typeof last === 'number' && { search_after: [last - 1] }),
  });
}

const Any = z.record(z.string(), z.unknown());

function objectIn(body: unknown): Record<string, unknown> {
  if (typeof body !== 'string') return {};
  try {
    return checkShape(Any, parseBoundedJson(body)).data ?? {};
  } catch {
    return {};
  }
}
