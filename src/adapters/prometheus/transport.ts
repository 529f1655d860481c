import type { z } from 'zod';
import { createFairLimit, type FairLimit } from '../limits/fair-limit';
import { DEFAULT_BOUNDS, type JsonBounds } from '../upstream/bounded-json';
import { requestJson } from '../upstream/http';
import { UpstreamError } from '../upstream/upstream-error';
import { errorTextOf } from './response-schemas';

/** The data of an answer, and its warnings (partial responses of Thanos or Mimir among them). */
export type Answer<Data> = { data: Data; warnings: string[] };

/** How to reach it: a bearer token, or basic auth here or in the URL; `tenant` is that of Mimir, Cortex or Loki. */
export type PrometheusAccess = {
  url: string;
  token?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  tenant?: string | undefined;
  /** This worker's share of its query slots; without it, one of 8 requests at once. */
  limit?: FairLimit;
};

/** More at once would take the query slots of dashboards and alerts. */
const MAX_REQUESTS_AT_ONCE = 8;
/** Prometheus itself gives up after 2 minutes by default. */
const QUERY_TIMEOUT_MS = 60_000;
/** 11,000 points of 100 series are 40 MB; an expression of a rule gives one series. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/**
 * 45 series of 11,000 points, three values each; 5,000 label sets of 40 labels; 200,000 names of metrics with type, help
 * and unit. Parsed, this is 200 MB. A range query over it is asked again on a coarser grid.
 */
const ANSWER_BOUNDS: JsonBounds = {
  ...DEFAULT_BOUNDS,
  values: 1_500_000,
  depth: 16,
};
/** One object has a key for each metric of the whole server. */
const METADATA_BOUNDS: JsonBounds = { ...ANSWER_BOUNDS, keys: 200_000 };
const METHOD_NOT_ALLOWED = 405;
/** Long expressions fit into a form alone, so it is tried again. */
const TRY_FORMS_AGAIN_MS = 10 * 60_000;

/** One call of the HTTP API: a path below `/api/v1/` and the schema of its answer. */
type Call<Schema extends z.ZodType> = {
  path: string;
  schema: Schema;
  params?: URLSearchParams;
  /** Endpoints with long expressions accept a form. */
  form?: boolean;
  signal: AbortSignal | undefined;
};

export type Send = <Schema extends z.ZodType>(call: Call<Schema>) => Promise<z.output<Schema>>;

/** Sends calls to one server, within its limit. Throws UpstreamError. */
export function createSend(access: PrometheusAccess): Send {
  const { limit = createFairLimit({ upstream: 'prometheus', atOnce: MAX_REQUESTS_AT_ONCE }) } =
    access;
  const headers = headersOf(access);
  /** Read-only proxies block POST; a single answer of a restarting proxy must not decide permanently. */
  let formsRefusedAt = -Infinity;

  const request = <Schema extends z.ZodType>(call: Call<Schema>, form: boolean) => {
    const { path, schema, params, signal } = call;
    const target = under(access.url, path);
    if (params && !form) target.search = params.toString();
    return requestJson({
      upstream: 'prometheus',
      url: target,
      schema,
      method: form ? 'POST' : 'GET',
      headers,
      body: form ? params : undefined,
      signal,
      timeoutMs: QUERY_TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      bounds: path === 'metadata' ? METADATA_BOUNDS : ANSWER_BOUNDS,
      errorText: errorTextOf,
    });
  };

  /** Sends a form while the server accepts forms, otherwise a GET. */
  const requestEither = async <Schema extends z.ZodType>(call: Call<Schema>) => {
    if (!call.form || performance.now() - formsRefusedAt < TRY_FORMS_AGAIN_MS)
      return request(call, false);
    try {
      return await request(call, true);
    } catch (error) {
      const refuses = error instanceof UpstreamError && error.status === METHOD_NOT_ALLOWED;
      if (!refuses) throw error;
      formsRefusedAt = performance.now();
      return request(call, false);
    }
  };

  return (call) => limit(() => requestEither(call), { signal: call.signal });
}

/** The parameters of a call; a list gives one parameter per item. */
export function paramsOf(fields: Record<string, string | number | string[]>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item));
  }
  return params;
}

/** VictoriaMetrics marks an answer that misses a storage node with `isPartial` alone. */
export const warningsOf = (answer: {
  warnings?: string[] | null | undefined;
  isPartial?: boolean | undefined;
}): string[] => [
  ...(answer.warnings ?? []),
  ...(answer.isPartial ? ['the answer is partial: a storage node did not answer'] : []),
];

function headersOf({ token, username, password = '', tenant }: PrometheusAccess) {
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  const authorization = token ? `Bearer ${token}` : username ? `Basic ${pair}` : undefined;
  return {
    ...(authorization && { authorization }),
    ...(tenant && { 'x-scope-orgid': tenant }),
  };
}

/** `new URL('/api', base)` would drop a path prefix. */
function under(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}/api/v1/${path}`;
  url.hash = '';
  return url;
}
