import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Span } from '../../../domain/topology/span';
import { ATTRIBUTES, onTopicIn, otherEndOf, SYSTEM, TOPIC } from '../documents/span-attributes';
import { RESOURCE_ATTRIBUTES, whereaboutsOf, withinPlace } from '../documents/span-environment';
import { byFields } from '../documents/span-identity';
import { kindOf } from '../documents/span-values';
import { fieldsOf } from '../documents/hit-fields';
import type { Hit, Query, SchemaId, SpanSchema } from './topology-schema';

/** Both write ids, kinds and times alike; they differ in where attributes and the service are. */
type Layout = {
  id: SchemaId;
  indices: string[];
  service: string;
  attribute: (name: string) => string;
  resource: (name: string) => string;
};

/** OpenSearch's Data Prepper: attributes are fields with `@` for the dots of their names. */
export const dataPrepper = spansOf({
  id: 'data-prepper',
  indices: ['otel-v1-apm-span-*'],
  service: 'serviceName',
  attribute: (name) => `span.attributes.${name.replaceAll('.', '@')}`,
  resource: (name) => `resource.attributes.${name.replaceAll('.', '@')}`,
});

/** OpenSearch's Simple Schema for Observability, as the collector's OpenSearch exporter writes it. */
export const ss4o = spansOf({
  id: 'ss4o',
  indices: ['ss4o_traces-*'],
  service: 'resource.service.name',
  attribute: (name) => `attributes.${name}`,
  resource: (name) => `resource.${name}`,
});

function spansOf({ id, indices, service: SERVICE, attribute, resource }: Layout): SpanSchema {
  const topics = TOPIC.map(attribute);
  const places = RESOURCE_ATTRIBUTES.map(resource);
  return {
    kind: 'spans',
    id,
    indices,
    time: 'startTime',
    trace: 'traceId',
    keywords: [
      ...['traceId', 'spanId', 'parentSpanId', SERVICE, 'links.traceId'],
      ...[attribute(SYSTEM), ...topics, ...places],
    ],
    // Zipkin's documents have a field `traceId`, too.
    about: (service, resolve) => ({ term: { [resolve(SERVICE)]: service } }),
    linkedFrom: (traces, resolve) => ({
      bool: {
        should: [
          inLinks(resolve('links.traceId'), traces),
          { terms: { [resolve('links.traceId')]: traces } },
        ],
        minimum_should_match: 1,
      },
    }),
    onTopic: onTopicIn(attribute(SYSTEM), topics),
    inPlace: withinPlace(places),
    fields: [
      ...['traceId', 'spanId', 'parentSpanId', 'kind', 'status.code', SERVICE],
      { field: 'startTime', format: 'epoch_millis' },
      { field: 'endTime', format: 'epoch_millis' },
      ...ATTRIBUTES.map(attribute),
      ...places,
    ],
    source: ['links'],
    identity: {
      service: SERVICE,
      fields: ['traceId', 'spanId', 'parentSpanId', SERVICE],
      source: [],
      ...byFields(['spanId'], ['parentSpanId']),
    },
    toSpan(hit) {
      const { text, number } = fieldsOf(hit);
      const [trace, span, service] = [text('traceId'), text('spanId'), text(SERVICE)];
      if (trace === null || span === null || service === null) return null;
      const read = (name: string) => text(attribute(name));
      const start = number('startTime');
      return {
        trace,
        id: span,
        parent: text('parentSpanId'),
        service,
        ...whereaboutsOf((name) => text(resource(name))),
        kind: kindOf(text('kind'), read),
        failed: ['2', 'error', 'status_code_error'].includes(
          (text('status.code') ?? '').toLowerCase(),
        ),
        links: linksOf(hit),
        ...otherEndOf(read),
        shared: false,
        start,
        end: number('endTime') ?? start,
      };
    },
  };
}

/** Data Prepper maps links as nested documents. */
const inLinks = (field: string, traces: string[]): Query => ({
  nested: { path: 'links', query: { terms: { [field]: traces } }, ignore_unmapped: true },
});

const Source = z.object({
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).optional(),
});
const linksOf = ({ source }: Hit): Span['links'] =>
  (checkShape(Source, source).data?.links ?? []).map(({ traceId, spanId }) => ({
    trace: traceId,
    id: spanId,
  }));
