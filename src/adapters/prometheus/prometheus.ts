import type { z } from 'zod';
import { createFairLimit, type FairLimit } from '../limits/fair-limit';
import { requestJson } from '../upstream/http';
import { coarser, inParts, isTooHeavy, joinSeries, splitRange, type Range } from './range';
import {
  BuildInfoAnswer,
  errorTextOf,
  InstantAnswer,
  MetadataAnswer,
  NamesAnswer,
  RangeAnswer,
  SeriesAnswer,
  type Labels,
  type Metadata,
  type Sample,
  type Series,
} from './wire';
import { UpstreamError } from '../upstream/upstream-error';

/** What Prometheus answered, and its warnings (partial responses of Thanos or Mimir among them). */
export type Answer<Data> = { data: Data; warnings: string[] };
/** A range may have been answered on a coarser grid than was asked for. */
export type RangeAnswered = Answer<Series[]> & { stepSeconds: number };

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
const MAX_SERIES = 5_000;
/** 11,000 points of 100 series are 40 MB; an expression of a rule gives one series. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const METHOD_NOT_ALLOWED = 405;
/** Stores without a metadata endpoint answer with one of these. */
const NO_METADATA_STATUS = new Set([400, 404, 405, 501]);

type Wire<Schema extends z.ZodType> = {
  path: string;
  schema: Schema;
  params?: URLSearchParams;
  /** The APIs that take long expressions read a form. */
  form?: boolean;
  signal: AbortSignal | undefined;
};

/** A Prometheus-compatible HTTP API. `url` may have a path prefix and basic auth; throws UpstreamError. */
export const createPrometheus = (access: PrometheusAccess) => {
  const { limit = createFairLimit({ upstream: 'prometheus', atOnce: MAX_REQUESTS_AT_ONCE }) } =
    access;
  const headers = headersOf(access);
  /** Read-only proxies let no POST through. */
  let takesForms = true;

  const request = <Schema extends z.ZodType>(wire: Wire<Schema>, form: boolean) => {
    const { path, schema, params, signal } = wire;
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
      errorText: errorTextOf,
    });
  };

  const send = <Schema extends z.ZodType>(wire: Wire<Schema>) =>
    limit(
      async () => {
        if (!wire.form || !takesForms) return request(wire, false);
        try {
          return await request(wire, true);
        } catch (error) {
          const refuses = error instanceof UpstreamError && error.status === METHOD_NOT_ALLOWED;
          if (!refuses) throw error;
          takesForms = false;
          return request(wire, false);
        }
      },
      { signal: wire.signal },
    );

  const ranges = async (expr: string, parts: Range[], signal?: AbortSignal) => {
    const answers = await Promise.all(
      parts.map(({ start, end, stepSeconds }) => {
        const params = paramsOf({ query: expr, start, end, step: stepSeconds });
        return send({ path: 'query_range', schema: RangeAnswer, params, form: true, signal });
      }),
    );
    const series = answers.map(({ data }) =>
      data.result.map(({ metric, values }) => ({ labels: metric, samples: values })),
    );
    const stepSeconds = parts[0]?.stepSeconds ?? 0;
    return { data: joinSeries(series), warnings: answers.flatMap(warningsOf), stepSeconds };
  };

  const labelValues = async (
    label: string,
    signal?: AbortSignal,
    match: string[] = [],
    range?: { start: number; end: number },
  ): Promise<Answer<string[]>> => {
    const path = `label/${encodeURIComponent(label)}/values`;
    const params = paramsOf({ 'match[]': match, ...range });
    const { data, warnings } = await send({ path, schema: NamesAnswer, params, signal });
    return { data: data ?? [], warnings: warnings ?? [] };
  };

  return {
    labelValues,

    /** Names of the metrics that have a series matching any of `match` (all when empty) in the range. */
    metricNames: (
      match: string[],
      signal?: AbortSignal,
      range?: { start: number; end: number },
    ): Promise<Answer<string[]>> => labelValues('__name__', signal, match, range),

    /** Type, help and unit by metric name; empty, with a warning, where the store has no metadata. */
    async metadata(signal?: AbortSignal): Promise<Answer<Metadata>> {
      try {
        const answer = await send({ path: 'metadata', schema: MetadataAnswer, signal });
        return { data: answer.data ?? {}, warnings: answer.warnings ?? [] };
      } catch (error) {
        const missing = error instanceof UpstreamError && NO_METADATA_STATUS.has(error.status ?? 0);
        if (!missing) throw error;
        return { data: {}, warnings: [`no metadata: ${error.message}`] };
      }
    },

    /** Label sets of the series that match any of `match` in the range (Unix seconds). */
    async series(
      match: string[],
      { start, end }: { start: number; end: number },
      signal?: AbortSignal,
    ): Promise<Answer<Labels[]>> {
      const params = paramsOf({ 'match[]': match, start, end, limit: MAX_SERIES });
      const answer = await send({
        path: 'series',
        schema: SeriesAnswer,
        params,
        form: true,
        signal,
      });
      return { data: (answer.data ?? []).slice(0, MAX_SERIES), warnings: answer.warnings ?? [] };
    },

    /**
     * Values of `expr` over a range; a range over the point limit is asked for in parts. What is too heavy for the
     * server (its limit on samples, its time-out, our bound on an answer) is asked once more in short parts, and
     * once more on a coarser grid; then the refusal stands.
     */
    async queryRange(expr: string, range: Range, signal?: AbortSignal): Promise<RangeAnswered> {
      const tries = [splitRange(range), inParts(range), splitRange(coarser(range))];
      for (const [index, parts] of tries.entries()) {
        try {
          return await ranges(expr, parts, signal);
        } catch (error) {
          if (index === tries.length - 1 || !isTooHeavy(error)) throw error;
        }
      }
      throw new UpstreamError('prometheus', 'an empty range');
    },

    /** Value of `expr` at one time (Unix seconds); a scalar comes as one series without labels. */
    async query(
      expr: string,
      at: number,
      signal?: AbortSignal,
    ): Promise<Answer<{ labels: Labels; sample: Sample }[]>> {
      const params = paramsOf({ query: expr, time: at });
      const answer = await send({
        path: 'query',
        schema: InstantAnswer,
        params,
        form: true,
        signal,
      });
      return { data: instantSamples(answer.data), warnings: warningsOf(answer) };
    },

    async buildInfo(signal?: AbortSignal): Promise<{ version: string }> {
      const { data } = await send({ path: 'status/buildinfo', schema: BuildInfoAnswer, signal });
      return data;
    },
  };
};
export type Prometheus = ReturnType<typeof createPrometheus>;

function headersOf({ token, username, password = '', tenant }: PrometheusAccess) {
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  const authorization = token ? `Bearer ${token}` : username ? `Basic ${pair}` : undefined;
  return {
    ...(authorization && { authorization }),
    ...(tenant && { 'x-scope-orgid': tenant }),
  };
}

/** VictoriaMetrics marks an answer that misses a storage node with `isPartial` alone. */
const warningsOf = (answer: { warnings?: string[] | null; isPartial?: boolean }): string[] => [
  ...(answer.warnings ?? []),
  ...(answer.isPartial ? ['the answer is partial: a storage node did not answer'] : []),
];

function instantSamples(
  data: z.infer<typeof InstantAnswer>['data'],
): { labels: Labels; sample: Sample }[] {
  if (data.resultType === 'scalar') return [{ labels: {}, sample: data.result }];
  return data.result.flatMap(({ metric, value }) =>
    value ? [{ labels: metric, sample: value }] : [],
  );
}

/** `new URL('/api', base)` would drop a path prefix. */
function under(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/${path}`;
  url.hash = '';
  return url;
}

function paramsOf(fields: Record<string, string | number | string[]>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item));
  }
  return params;
}
