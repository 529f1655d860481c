import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Span } from '../../../domain/topology/span';
import { fieldsOf } from '../documents/hit-fields';
import type { Hit, SpanSchema } from './topology-schema';
import { ATTRIBUTES, onTopicIn, otherEndOf, SYSTEM, TOPIC } from '../documents/span-attributes';
import { RESOURCE_ATTRIBUTES, whereaboutsOf, withinPlace } from '../documents/span-environment';
import { byFields } from '../documents/span-identity';
import { kindOf } from '../documents/span-values';

const SERVICE = 'resource.attributes.service.name';
const attribute = (name: string): string => `attributes.${name}`;
const resource = (name: string): string => `resource.attributes.${name}`;
const PLACES = RESOURCE_ATTRIBUTES.map(resource);
const TOPICS = TOPIC.map(attribute);

const LOG_FIELDS = ['severity_text', 'body.text'];

/** OpenTelemetry spans as the exporter's mode `otel` writes them (default since 0.122 of the collector). */
export const otel: SpanSchema = {
  kind: 'spans',
  id: 'otel',
  indices: ['traces-*.otel-*'],
  time: '@timestamp',
  trace: 'trace_id',
  keywords: [
    'trace_id',
    'span_id',
    'parent_span_id',
    SERVICE,
    'links.trace_id',
    attribute(SYSTEM),
    ...TOPICS,
    ...PLACES,
  ],
  // Logs of the same exporter have a trace, a span and a service, too.
  about: (service, resolve) => ({
    bool: {
      filter: [{ term: { [resolve(SERVICE)]: service } }],
      must_not: LOG_FIELDS.map((field) => ({ exists: { field } })),
    },
  }),
  linkedFrom: (traces, resolve) => ({ terms: { [resolve('links.trace_id')]: traces } }),
  onTopic: onTopicIn(attribute(SYSTEM), TOPICS),
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
    ...ATTRIBUTES.map(attribute),
    ...PLACES,
  ],
  inPlace: withinPlace(PLACES),
  source: ['links'],
  identity: {
    service: SERVICE,
    fields: ['trace_id', 'span_id', 'parent_span_id', SERVICE],
    source: [],
    ...byFields(['span_id'], ['parent_span_id']),
  },
  toSpan(hit) {
    const { text, number } = fieldsOf(hit);
    const [trace, id, service] = [text('trace_id'), text('span_id'), text(SERVICE)];
    if (trace === null || id === null || service === null) return null;
    const start = number('@timestamp');
    return {
      trace,
      id,
      parent: text('parent_span_id'),
      service,
      ...whereaboutsOf((name) => text(resource(name))),
      kind: kindOf(text('kind'), (name) => text(attribute(name))),
      failed: text('status.code')?.toLowerCase() === 'error',
      links: linksOf(hit),
      ...otherEndOf((name) => text(attribute(name))),
      shared: false,
      start,
      // Nanoseconds.
      end: start === null ? null : start + (number('duration') ?? 0) / 1e6,
    };
  },
};

const Source = z.object({
  links: z.array(z.object({ trace_id: z.string(), span_id: z.string() })).optional(),
});
const linksOf = ({ source }: Hit): Span['links'] =>
  (checkShape(Source, source).data?.links ?? []).map(({ trace_id, span_id }) => ({
    trace: trace_id,
    id: span_id,
  }));
