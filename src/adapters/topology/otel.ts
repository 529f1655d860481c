import { z } from 'zod';
import type { Span } from '../../steps/service-chain/span';
import { fieldsOf } from './hit-fields';
import type { Hit, SpanSchema } from './schema';
import { spanKind, topicOf } from './span-values';

const SERVICE = 'resource.attributes.service.name';
const STORE = ['attributes.db.system', 'attributes.db.system.name'];
const PEER = ['attributes.peer.service', 'attributes.server.address', 'attributes.net.peer.name'];
const PORT = ['attributes.server.port', 'attributes.net.peer.port'];
const SYSTEM = 'attributes.messaging.system';
const TOPIC = ['attributes.messaging.destination.name', 'attributes.messaging.destination'];

/** OpenTelemetry spans as the exporter's mode `otel` writes them (default since 0.122 of the collector). */
export const otel: SpanSchema = {
  kind: 'spans',
  id: 'otel',
  indices: ['traces-*.otel-*'],
  time: '@timestamp',
  trace: 'trace_id',
  keywords: ['trace_id', SERVICE, 'links.trace_id', SYSTEM, ...TOPIC],
  about: (service, resolve) => ({ term: { [resolve(SERVICE)]: service } }),
  linkedFrom: (traces, resolve) => ({ terms: { [resolve('links.trace_id')]: traces } }),
  onTopic: (topics, resolve) => ({
    bool: {
      filter: [{ terms: { [resolve(SYSTEM)]: topics.map(({ system }) => system) } }],
      should: TOPIC.map((field) => ({
        terms: { [resolve(field)]: topics.map(({ name }) => name) },
      })),
      minimum_should_match: 1,
    },
  }),
  fields: [
    'trace_id',
    'span_id',
    'parent_span_id',
    'kind',
    'status.code',
    'duration',
    // Its `_source` is "milliseconds.fraction" in a string, which no date parser takes.
    { field: '@timestamp', format: 'epoch_millis' },
    SERVICE,
    SYSTEM,
    ...TOPIC,
    ...STORE,
    ...PEER,
    ...PORT,
  ],
  source: ['links'],
  toSpan(hit) {
    const { text, number, oneOf } = fieldsOf(hit);
    const [trace, id, service] = [text('trace_id'), text('span_id'), text(SERVICE)];
    if (trace === null || id === null || service === null) return null;
    const start = number('@timestamp');
    const peer = oneOf(PEER);
    return {
      trace,
      id,
      parent: text('parent_span_id'),
      service,
      kind: spanKind(text('kind')),
      failed: text('status.code')?.toLowerCase() === 'error',
      links: linksOf(hit),
      peer: peer === null ? null : [peer, oneOf(PORT)].filter(Boolean).join(':'),
      store: oneOf(STORE),
      topic: topicOf(text(SYSTEM), oneOf(TOPIC)),
      shared: false,
      start,
      end: start === null ? null : start + (number('duration') ?? 0) / 1e6,
    };
  },
};

const Source = z.object({
  links: z.array(z.object({ trace_id: z.string(), span_id: z.string() })).optional(),
});
const linksOf = ({ source }: Hit): Span['links'] =>
  (Source.safeParse(source).data?.links ?? []).map(({ trace_id, span_id }) => ({
    trace: trace_id,
    id: span_id,
  }));
