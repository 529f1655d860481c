import { readLabelValues, readMetadata, readSeries, type Period } from './metadata';
import { queryInstant, queryRange } from './run-queries';
import type { Range } from './split-range';
import { createSend, type PrometheusAccess } from './transport';
import { BuildInfoAnswer } from './response-schemas';

/** A Prometheus-compatible HTTP API. `url` may have a path prefix and basic auth; throws UpstreamError. */
export const createPrometheus = (access: PrometheusAccess) => {
  const send = createSend(access);
  return {
    query: (expr: string, at: number, signal?: AbortSignal) => queryInstant(send, expr, at, signal),

    queryRange: (expr: string, range: Range, signal?: AbortSignal) =>
      queryRange(send, expr, range, signal),

    labelValues: (label: string, signal?: AbortSignal, match?: string[], period?: Period) =>
      readLabelValues(send, label, signal, match, period),

    /** Names of the metrics that have a series matching any of `match` (all when empty) in the period. */
    metricNames: (match: string[], signal?: AbortSignal, period?: Period) =>
      readLabelValues(send, '__name__', signal, match, period),

    series: (match: string[], period: Period, signal?: AbortSignal) =>
      readSeries(send, match, period, signal),

    metadata: (signal?: AbortSignal) => readMetadata(send, signal),

    async buildInfo(signal?: AbortSignal): Promise<{ version: string }> {
      const { data } = await send({ path: 'status/buildinfo', schema: BuildInfoAnswer, signal });
      return data;
    },

    /** What the server takes for now, in milliseconds. */
    async clock(signal?: AbortSignal): Promise<number> {
      const { data } = await queryInstant(send, 'time()', undefined, signal);
      return (data[0]?.sample.value ?? NaN) * 1000;
    },
  };
};
export type Prometheus = ReturnType<typeof createPrometheus>;
