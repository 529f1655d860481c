import { checkShape, parseBoundedJson } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Span } from '../../../domain/topology/span';
import { fieldsOf } from '../documents/hit-fields';
import type { Query, SchemaId, SpanSchema } from './topology-schema';
import { ATTRIBUTES, onTopicIn, otherEndOf, SYSTEM, TOPIC } from '../documents/span-attributes';
import { RESOURCE_ATTRIBUTES, whereaboutsOf, withinPlace } from '../documents/span-environment';
import { byFields } from '../documents/span-identity';
import { kindOf } from '../documents/span-values';

const SERVICE = 'Resource.service.name';
const resource = (name: string): string => `Resource.${name}`;
const PLACES = RESOURCE_ATTRIBUTES.map(resource);
/** Every call has at least one of these attributes; mode `raw` writes them without a prefix. */
const OF_CALLS = ['http.method', 'http.request.method', 'rpc.system', ...ATTRIBUTES];
const exists = (field: string): Query => ({ exists: { field } });

/** Only mode `none` prefixes attributes, which distinguishes its documents from those of mode `raw`. */
export const otelNone = modeOf('otel-none', 'traces-none-*', 'Attributes.', (service, resolve) => ({
  bool: { filter: [{ term: { [resolve(SERVICE)]: service } }, exists('Attributes.*')] },
}));

export const otelRaw = modeOf('otel-raw', 'traces-raw-*', '', (service, resolve) => ({
  bool: {
    filter: [{ term: { [resolve(SERVICE)]: service } }],
    should: OF_CALLS.map(exists),
    minimum_should_match: 1,
    must_not: [exists('Attributes.*')],
  },
}));

/**
 * OpenTelemetry spans as the exporter's modes `none` and `raw` write them: no template, so texts have a `.keyword`;
 * links are JSON in a text.
 */
function modeOf(
  id: SchemaId,
  index: string,
  prefix: string,
  about: SpanSchema['about'],
): SpanSchema {
  const attribute = (name: string): string => `${prefix}${name}`;
  const topics = TOPIC.map(attribute);
  return {
    kind: 'spans',
    id,
    indices: ['traces-generic-*', index],
    time: '@timestamp',
    trace: 'TraceId',
    keywords: [
      'TraceId',
      'SpanId',
      'ParentSpanId',
      SERVICE,
      attribute(SYSTEM),
      ...topics,
      ...PLACES,
    ],
    about,
    // The analysed text: its words are the ids (a `.keyword` would hold the whole list, or nothing above 256 characters).
    linkedFrom: (traces) => ({ terms: { Link: traces } }),
    onTopic: onTopicIn(attribute(SYSTEM), topics),
    fields: [
      'TraceId',
      'SpanId',
      'ParentSpanId',
      'Kind',
      'TraceStatus',
      'Duration',
      'Link',
      { field: '@timestamp', format: 'epoch_millis' },
      SERVICE,
      ...ATTRIBUTES.map(attribute),
      ...PLACES,
    ],
    inPlace: withinPlace(PLACES),
    source: [],
    identity: {
      service: SERVICE,
      fields: ['TraceId', 'SpanId', 'ParentSpanId', SERVICE],
      source: [],
      ...byFields(['SpanId'], ['ParentSpanId']),
    },
    toSpan(hit) {
      const { text, number } = fieldsOf(hit);
      const [trace, span, service] = [text('TraceId'), text('SpanId'), text(SERVICE)];
      if (trace === null || span === null || service === null) return null;
      const start = number('@timestamp');
      return {
        trace,
        id: span,
        parent: text('ParentSpanId'),
        service,
        ...whereaboutsOf((name) => text(resource(name))),
        kind: kindOf(text('Kind'), (name) => text(attribute(name))),
        // 0 unset, 1 ok, 2 error.
        failed: text('TraceStatus') === '2',
        links: linksIn(text('Link', MAX_LINK_TEXT)),
        ...otherEndOf((name) => text(attribute(name))),
        shared: false,
        start,
        // Microseconds.
        end: start === null ? null : start + (number('Duration') ?? 0) / 1e3,
      };
    },
  };
}

/** Enough for a few hundred links; bounds the JSON that is parsed. */
const MAX_LINK_TEXT = 50_000;
const Links = z.array(z.object({ traceID: z.string(), spanID: z.string() }));
function linksIn(text: string | null): Span['links'] {
  try {
    const links = checkShape(Links, parseBoundedJson(text ?? '[]')).data ?? [];
    return links.map(({ traceID, spanID }) => ({ trace: traceID, id: spanID }));
  } catch {
    return [];
  }
}
