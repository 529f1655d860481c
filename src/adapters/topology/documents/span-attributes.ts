import type { Span, Topic } from '../../../domain/topology/span';
import type { Query, Resolve } from '../schemas/topology-schema';
import { PEER_ATTRIBUTES, peerOf, serverOf } from './peer-attributes';
import { OPERATIONS, topicOf } from './span-values';

/**
 * Attributes that name the other end of a call, in the semantic conventions of OpenTelemetry and, before them, of
 * OpenTracing. Every schema that stores an SDK's spans has them, under its own prefix or as tags.
 */
export const STORE = ['db.system', 'db.system.name', 'db.type'];
const DATABASE = ['db.namespace', 'db.name', 'db.instance'];
export const SYSTEM = 'messaging.system';
export const TOPIC = ['messaging.destination.name', 'messaging.destination'];
/** RabbitMQ: an exchange sends each message to the queues that are bound by its routing key. */
const ROUTING_KEY = [
  'messaging.rabbitmq.destination.routing_key',
  'messaging.rabbitmq.routing_key',
];
export const ATTRIBUTES = [
  ...STORE,
  ...DATABASE,
  ...PEER_ATTRIBUTES,
  SYSTEM,
  ...TOPIC,
  ...ROUTING_KEY,
  ...OPERATIONS,
];

export type OtherEnd = Pick<Span, 'peer' | 'store' | 'storeAt' | 'topic'>;
type ReadAttribute = (name: string) => string | null;

/** These show that the peer is a store but not which one; the peer's name (`orders-mysql:3306`) shows more. */
const ANY_STORE = new Set(['sql', 'other_sql', 'nosql', 'other']);

/** Peer (`host:port` where no service is named), store and topic of a span whose attributes `read` gives. */
export function otherEndOf(read: ReadAttribute): OtherEnd {
  const server = serverOf(read);
  const peer = peerOf(read);
  const store = firstOf(read, STORE);
  const storeAt = storeAtOf(server, firstOf(read, DATABASE));
  const topic = topicOf(read(SYSTEM), firstOf(read, TOPIC));
  return {
    peer,
    store: store !== null && ANY_STORE.has(store.toLowerCase()) ? (peer ?? store) : store,
    ...(store !== null && storeAt !== '' && { storeAt }),
    topic: topic && routed(topic, firstOf(read, ROUTING_KEY)),
  };
}

/** `orders-pg:5432/orders`, as far as both are known. */
const storeAtOf = (server: string | null, database: string | null): string =>
  `${server ?? ''}${database === null ? '' : `/${database}`}`;

/** The current convention's form: `exchange:routing key`. */
function routed({ system, name }: Topic, key: string | null): Topic {
  const isRouted = system === 'rabbitmq' && key !== null && !name.includes(':');
  return { system, name: isRouted ? `${name}:${key}` : name };
}

/**
 * Names under which spans of the same messages can be stored. RabbitMQ: producers write `exchange:key`, consumers
 * `exchange:key:queue`, and older conventions just `exchange`. The joiner compares them.
 */
export function storedNames({ system, name }: Topic): string[] {
  if (system !== 'rabbitmq') return [name];
  const parts = name.split(':').slice(0, MAX_NAME_PARTS);
  return [name, ...parts.map((_, end) => parts.slice(0, end + 1).join(':'))];
}
const MAX_NAME_PARTS = 8;

export const firstOf = (read: ReadAttribute, names: readonly string[]): string | null =>
  names.map(read).find((value) => value !== null) ?? null;

/** Spans of one of the systems that name one of the topics in one of the fields; the joiner compares pairs. */
export const onTopicIn =
  (system: string, names: readonly string[]) =>
  (topics: Topic[], resolve: Resolve): Query => ({
    bool: {
      filter: [{ terms: { [resolve(system)]: distinct(topics.map((topic) => topic.system)) } }],
      should: names.flatMap((field) => [
        { terms: { [resolve(field)]: distinct(topics.flatMap(storedNames)) } },
        ...queuesOf(topics).map((prefix) => ({ prefix: { [resolve(field)]: prefix } })),
      ]),
      minimum_should_match: 1,
    },
  });

/** Prefixes of the names that RabbitMQ's consumers write. */
const queuesOf = (topics: readonly Topic[]): string[] =>
  distinct(
    topics.flatMap(({ system, name }) =>
      system === 'rabbitmq' && name.includes(':') ? [`${name}:`] : [],
    ),
  );

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];
