import { z } from 'zod';
import type { Span } from '../../steps/service-chain';
import type { SpanSchema } from './schema';

/** A field of `fields` comes as a list. */
const first = z.array(z.unknown()).transform((list) => list[0]);
const Fields = z.record(z.string(), first);

const KIND: Record<string, Span['kind']> = {
  client: 'client',
  server: 'server',
  producer: 'producer',
  consumer: 'consumer',
};
const STORE_FIELDS = ['attributes.db.system', 'attributes.db.system.name'];
const PEER_FIELDS = ['attributes.peer.service', 'attributes.server.address'];

/** OpenTelemetry spans as the exporter's mode `otel` writes them (default since 0.122 of the collector). */
export const otel: SpanSchema = {
  id: 'otel',
  indices: 'traces-*.otel-*',
  time: '@timestamp',
  service: 'resource.attributes.service.name',
  trace: 'trace_id',
  span: 'span_id',
  fields: [
    'trace_id',
    'span_id',
    'parent_span_id',
    'kind',
    'status.code',
    'resource.attributes.service.name',
    ...STORE_FIELDS,
    ...PEER_FIELDS,
  ],
  source: ['links'],
  toSpan({ fields, source }) {
    const values = Fields.parse(fields ?? {});
    const text = (name: string): string | null => {
      const value = values[name];
      return typeof value === 'string' && value !== '' ? value : null;
    };
    const trace = text('trace_id');
    const id = text('span_id');
    const service = text('resource.attributes.service.name');
    if (trace === null || id === null || service === null) return null;
    return {
      trace,
      id,
      parent: text('parent_span_id'),
      service,
      kind: KIND[(text('kind') ?? '').toLowerCase()] ?? 'internal',
      failed: text('status.code') === 'Error',
      links: linksOf(source),
      peer: PEER_FIELDS.map(text).find((value) => value !== null) ?? null,
      store: STORE_FIELDS.map(text).find((value) => value !== null) ?? null,
    };
  },
};

const Source = z.object({
  links: z.array(z.object({ trace_id: z.string(), span_id: z.string() })).optional(),
});
const linksOf = (source: unknown): Span['links'] =>
  (Source.safeParse(source).data?.links ?? []).map(({ trace_id, span_id }) => ({
    trace: trace_id,
    id: span_id,
  }));
