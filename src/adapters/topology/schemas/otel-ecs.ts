import { ecsLinks } from './ecs-links';
import { fieldsOf } from '../documents/hit-fields';
import type { SpanSchema } from './topology-schema';
import { ATTRIBUTES, onTopicIn, otherEndOf, SYSTEM, TOPIC } from '../documents/span-attributes';
import { RESOURCE_ATTRIBUTES, whereaboutsOf, withinPlace } from '../documents/span-environment';
import { byFields } from '../documents/span-identity';
import { kindOf, topicOf } from '../documents/span-values';

/** The exporter renames `messaging.destination.name`, `db.system` and `db.name` to the names of Elastic APM. */
const TOPICS = ['span.message.queue.name', ...TOPIC];
const PLACES = ['service.environment', ...RESOURCE_ATTRIBUTES];
const RENAMED: Record<string, string> = {
  'db.system': 'span.db.type',
  'db.name': 'span.db.instance',
};

/** OpenTelemetry spans as the exporter's mode `ecs` writes them: no duration, and an outcome only where a status was set. */
export const otelEcs: SpanSchema = {
  kind: 'spans',
  id: 'otel-ecs',
  indices: ['traces-generic-*'],
  time: '@timestamp',
  trace: 'trace.id',
  keywords: [
    'trace.id',
    'span.id',
    'parent.id',
    'service.name',
    'span.links.trace.id',
    SYSTEM,
    ...TOPICS,
    ...PLACES,
  ],
  // Elastic APM's documents have these fields too, if this schema is used to read all of `traces-*`.
  about: (service, resolve) => ({
    bool: {
      filter: [
        { term: { [resolve('service.name')]: service } },
        { exists: { field: 'span.kind' } },
      ],
      must_not: [{ exists: { field: 'processor.event' } }],
    },
  }),
  linkedFrom: (traces, resolve) => ({ terms: { [resolve('span.links.trace.id')]: traces } }),
  onTopic: onTopicIn(SYSTEM, TOPICS),
  fields: [
    'trace.id',
    'span.id',
    'parent.id',
    'span.kind',
    'service.name',
    'event.outcome',
    'processor.event',
    { field: '@timestamp', format: 'epoch_millis' },
    ...Object.values(RENAMED),
    'span.message.queue.name',
    ...ATTRIBUTES,
    ...PLACES,
  ],
  inPlace: withinPlace(PLACES),
  source: ['span.links'],
  identity: {
    service: 'service.name',
    fields: ['trace.id', 'span.id', 'parent.id', 'service.name', 'processor.event'],
    source: [],
    ...byFields(['span.id'], ['parent.id']),
  },
  toSpan(hit) {
    const { text, number, oneOf } = fieldsOf(hit);
    const [trace, id, service] = [text('trace.id'), text('span.id'), text('service.name')];
    if (trace === null || id === null || service === null) return null;
    if (text('processor.event') !== null) return null;
    const otherEnd = otherEndOf((name) => text(RENAMED[name] ?? name) ?? text(name));
    return {
      trace,
      id,
      parent: text('parent.id'),
      service,
      ...whereaboutsOf((name) =>
        name === 'deployment.environment' ? oneOf(['service.environment', name]) : text(name),
      ),
      kind: kindOf(text('span.kind'), text),
      failed: text('event.outcome') === 'failure',
      links: ecsLinks(hit.source),
      ...otherEnd,
      topic: topicOf(text(SYSTEM), oneOf(TOPICS)),
      shared: false,
      start: number('@timestamp'),
      end: null,
    };
  },
};
