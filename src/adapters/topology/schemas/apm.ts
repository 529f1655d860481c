import type { Span } from '../../../domain/topology/span';
import { ecsLinks } from './ecs-links';
import { fieldsOf, type FieldReader } from '../documents/hit-fields';
import type { Query, SpanSchema } from './topology-schema';
import { storedNames, type OtherEnd } from '../documents/span-attributes';
import { withinPlace } from '../documents/span-environment';
import { byFields } from '../documents/span-identity';
import { topicOf } from '../documents/span-values';

const RESOURCE = 'span.destination.service.resource';
const QUEUES = ['span.message.queue.name', 'transaction.message.queue.name'];
const TARGET = 'service.target.name';
const ENVIRONMENT = 'service.environment';
/** OpenTelemetry's namespace becomes a label on the way. */
const NAMESPACES = ['labels.service_namespace', 'kubernetes.namespace'];
const PLACES = [ENVIRONMENT, ...NAMESPACES];
/** Span types whose other end reports no transactions. */
const STORES = ['db', 'storage', 'cache'];
const READS = ['receive', 'poll'];
/** Transactions name their queue but not its system; OpenTelemetry's agents label it, Elastic's name the framework. */
const FRAMEWORKS = new Map([
  ['kafka', 'kafka'],
  ['rabbitmq', 'rabbitmq'],
  ['spring amqp', 'rabbitmq'],
  ['jms', 'jms'],
]);

/** Logs of the same agents have a service and a trace, too. */
const OF_TRACES: Query = {
  bool: {
    should: [
      { terms: { 'processor.event': ['span', 'transaction'] } },
      {
        bool: {
          filter: [{ exists: { field: 'event.outcome' } }, { exists: { field: 'timestamp.us' } }],
          must_not: [{ exists: { field: 'processor.event' } }],
        },
      },
    ],
    minimum_should_match: 1,
  },
};

/** Elastic APM: transactions are requests to a service, spans the work within them; exit spans name a destination. */
export const apm: SpanSchema = {
  kind: 'spans',
  id: 'apm',
  // `apm-*`: before 8.0.
  indices: ['traces-apm*', 'apm-*'],
  time: '@timestamp',
  trace: 'trace.id',
  keywords: [
    'trace.id',
    'span.id',
    'transaction.id',
    'parent.id',
    'service.name',
    'span.links.trace.id',
    ...QUEUES,
    TARGET,
    ...PLACES,
  ],
  // `apm-*` holds metrics too, which have no trace.
  about: (service, resolve) => ({
    bool: {
      filter: [
        { term: { [resolve('service.name')]: service } },
        { exists: { field: resolve('trace.id') } },
        OF_TRACES,
      ],
    },
  }),
  linkedFrom: (traces, resolve) => ({ terms: { [resolve('span.links.trace.id')]: traces } }),
  // The system is not in a single field, so the joiner compares it.
  onTopic: (topics, resolve) => ({
    bool: {
      should: [...QUEUES, TARGET].map((field) => ({
        terms: { [resolve(field)]: [...new Set(topics.flatMap(storedNames))] },
      })),
      minimum_should_match: 1,
    },
  }),
  fields: [
    'trace.id',
    'span.id',
    'transaction.id',
    'parent.id',
    'processor.event',
    'service.name',
    'service.framework.name',
    'event.outcome',
    'timestamp.us',
    'span.name',
    'span.type',
    'span.subtype',
    'span.action',
    'span.duration.us',
    'transaction.name',
    'transaction.type',
    'transaction.duration.us',
    'labels.messaging_system',
    RESOURCE,
    TARGET,
    ...QUEUES,
    ...PLACES,
  ],
  inPlace: withinPlace(PLACES),
  source: ['span.links'],
  identity: {
    service: 'service.name',
    fields: [
      'trace.id',
      'span.id',
      'transaction.id',
      'parent.id',
      'processor.event',
      'service.name',
      'event.outcome',
      'timestamp.us',
      'span.type',
      'transaction.type',
    ],
    source: [],
    ...byFields(['span.id', 'transaction.id'], ['parent.id']),
  },
  toSpan(hit) {
    const reader = fieldsOf(hit);
    const { text, number } = reader;
    const event = eventOf(reader);
    if (event === null) return null;
    const [trace, id, service] = [text('trace.id'), text(`${event}.id`), text('service.name')];
    if (trace === null || id === null || service === null) return null;
    const micros = number('timestamp.us');
    const start = micros === null ? null : micros / 1e3;
    return {
      trace,
      id,
      parent: text('parent.id'),
      service,
      ...placeOf(reader),
      failed: text('event.outcome') === 'failure',
      links: ecsLinks(hit.source),
      ...(event === 'span' ? exitOf(reader) : entryOf(reader)),
      shared: false,
      start,
      end: start === null ? null : start + (number(`${event}.duration.us`) ?? 0) / 1e3,
    };
  },
};

/** Some servers omit `processor.event`. Then an outcome marks spans and transactions (not errors or logs), and microseconds mark documents that are not OpenTelemetry's. */
function eventOf({ text, oneOf }: FieldReader): 'span' | 'transaction' | null {
  const event = text('processor.event');
  if (event === 'span' || event === 'transaction') return event;
  if (event !== null || text('event.outcome') === null || text('timestamp.us') === null)
    return null;
  if (oneOf(['transaction.name', 'transaction.type']) !== null) return 'transaction';
  return oneOf(['span.name', 'span.type']) === null ? null : 'span';
}

function placeOf({ text, oneOf }: FieldReader): Pick<Span, 'environment' | 'namespace'> {
  const [environment, namespace] = [text(ENVIRONMENT), oneOf(NAMESPACES)];
  return { ...(environment !== null && { environment }), ...(namespace !== null && { namespace }) };
}

type Role = Pick<Span, 'kind'> & OtherEnd;

function entryOf({ text, oneOf }: FieldReader): Role {
  const framework = FRAMEWORKS.get((text('service.framework.name') ?? '').toLowerCase()) ?? null;
  const topic = topicOf(text('labels.messaging_system') ?? framework, oneOf(QUEUES));
  const kind = text('transaction.type') === 'messaging' ? 'consumer' : 'server';
  return { kind, peer: null, store: null, topic };
}

function exitOf({ text, oneOf }: FieldReader): Role {
  const [resource, type, subtype] = [text(RESOURCE), text('span.type'), text('span.subtype')];
  if (type === 'messaging') {
    const topic = topicOf(subtype?.toLowerCase() ?? null, oneOf([...QUEUES, TARGET]));
    const reads = READS.includes(text('span.action') ?? '');
    const kind = reads ? 'consumer' : resource === null ? 'internal' : 'producer';
    return { kind, peer: resource, store: null, topic };
  }
  if (resource === null) return { kind: 'internal', peer: null, store: null, topic: null };
  const store = STORES.includes(type ?? '') ? (subtype ?? resource) : null;
  const storeAt = store === null ? '' : instanceOf(resource, store);
  return { kind: 'client', peer: resource, store, ...(storeAt && { storeAt }), topic: null };
}

/** Agents write the database after the system (`postgresql/orders`); without one, the resource is the system. */
function instanceOf(resource: string, system: string): string {
  const slash = resource.indexOf('/');
  if (slash > 0 && system.startsWith(resource.slice(0, slash))) return resource.slice(slash);
  return resource === system ? '' : resource;
}
