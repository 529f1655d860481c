/** A TEST STAND-IN for an OpenTelemetry collector: reads what OTLP/HTTP brings, by its public message numbers. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { z } from 'zod';
import { onLoopback } from './loopback';

/** Of opentelemetry-proto, the messages and fields that tests look at; the numbers are those of its .proto files. */
const PROTO = `syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; }
message Status { string message = 2; int32 code = 3; }
message Event { string name = 2; repeated KeyValue attributes = 3; }
message Span { string name = 5; int32 kind = 6; fixed64 start = 7; fixed64 end = 8; repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Traces { repeated ResourceSpans resource_spans = 1; }
message Point { fixed64 count = 4; optional double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9; }
message Histogram { repeated Point data_points = 1; }
message Metric { string name = 1; string unit = 3; Histogram histogram = 9; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }`;
const { root } = protobuf.parse(PROTO, { keepCase: true });

type Values = Record<string, unknown>;
export type SeenSpan = {
  name: string;
  kind: number;
  scope: string;
  status: number;
  attributes: Values;
  events: number;
};
export type SeenPoint = {
  metric: string;
  scope: string;
  unit: string;
  count: number;
  sum: number;
  bounds: number[];
  attributes: Values;
};

/** Listens on a free loopback port; `status` is what it answers, null is nothing. */
export async function serveCollector(status: () => number | null = () => 200) {
  const requests: { path: string; headers: IncomingHttpHeaders; bytes: Buffer }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const sent = Buffer.concat(chunks);
      const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      requests.push({ path: request.url ?? '', headers: request.headers, bytes });
      const code = status();
      if (code !== null) response.writeHead(code).end();
    });
  });
  const listening = await onLoopback(server);
  const bodiesOf = (path: string, type: string) =>
    requests
      .filter((request) => request.path === path)
      .map(({ bytes }) => {
        const message = root.lookupType(type);
        return message.toObject(message.decode(bytes), { longs: Number, arrays: true });
      });
  return {
    ...listening,
    requests,
    spans: () => bodiesOf('/v1/traces', 'Traces').flatMap(spansIn),
    points: () => bodiesOf('/v1/metrics', 'Metrics').flatMap(pointsIn),
    resources: () => bodiesOf('/v1/traces', 'Traces').flatMap(resourcesIn),
  };
}

type AnyValue = { [kind: string]: unknown };
const Value: z.ZodType<unknown> = z.lazy(() =>
  z
    .strictObject({
      string_value: z.string(),
      bool_value: z.boolean(),
      int_value: z.number(),
      double_value: z.number(),
      array_value: z.object({ values: z.array(Value) }),
    })
    .partial()
    .transform(
      ({ array_value: list, ...one }: AnyValue & { array_value?: { values: unknown[] } }) =>
        list === undefined ? Object.values(one)[0] : list.values,
    ),
);
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .transform((list): Values => Object.fromEntries(list.map(({ key, value }) => [key, value])));
const Scope = z.object({ name: z.string() });
const Traces = z.object({
  resource_spans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scope_spans: z.array(
        z.object({
          scope: Scope,
          spans: z.array(
            z.object({
              name: z.string(),
              kind: z.number(),
              status: z.object({ code: z.number().default(0) }).optional(),
              attributes: Attributes,
              events: z.array(z.unknown()),
            }),
          ),
        }),
      ),
    }),
  ),
});
const Point = z.object({
  count: z.number(),
  sum: z.number(),
  explicit_bounds: z.array(z.number()),
  attributes: Attributes,
});
const Histogram = z.object({ data_points: z.array(Point) });
const Metrics = z.object({
  resource_metrics: z.array(
    z.object({
      scope_metrics: z.array(
        z.object({
          scope: Scope,
          metrics: z.array(
            z.object({
              name: z.string(),
              unit: z.string().optional(),
              histogram: Histogram.optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

const resourcesIn = (body: unknown): Values[] =>
  Traces.parse(body).resource_spans.map(({ resource }) => resource.attributes);

const spansIn = (body: unknown): SeenSpan[] =>
  Traces.parse(body).resource_spans.flatMap(({ scope_spans: scopes }) =>
    scopes.flatMap(({ scope, spans }) =>
      spans.map(({ name, kind, status, attributes, events }) => ({
        ...{ name, kind, scope: scope.name, status: status?.code ?? 0, attributes },
        events: events.length,
      })),
    ),
  );

const pointsIn = (body: unknown): SeenPoint[] =>
  Metrics.parse(body).resource_metrics.flatMap(({ scope_metrics: scopes }) =>
    scopes.flatMap(({ scope, metrics }) =>
      metrics.flatMap(({ name, unit = '', histogram }) =>
        (histogram?.data_points ?? []).map(({ explicit_bounds: bounds, ...point }) => ({
          ...{ metric: name, scope: scope.name, unit, bounds, ...point },
        })),
      ),
    ),
  );
