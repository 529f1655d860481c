import type { Span, Topic } from '../../../domain/topology/span';
import type { Query, Resolve } from '../topology-schema';
import { topicOf } from './span-values';

/**
 * What the semantic conventions of OpenTelemetry, and those of OpenTracing before them, call the other end of a call.
 * Every schema that stores spans of an SDK has them, under a prefix of its own or as tags.
 */
export const STORE = ['db.system', 'db.system.name', 'db.type'];
const PEER_SERVICE = 'peer.service';
const ADDRESS = ['server.address', 'net.peer.name'];
const PORT = ['server.port', 'net.peer.port'];
export const SYSTEM = 'messaging.system';
export const TOPIC = ['messaging.destination.name', 'messaging.destination'];
export const ATTRIBUTES = [...STORE, PEER_SERVICE, ...ADDRESS, ...PORT, SYSTEM, ...TOPIC];

export type OtherEnd = Pick<Span, 'peer' | 'store' | 'topic'>;
type Read = (attribute: string) => string | null;

/** They say that it is a store and not which: then the name of the peer (`orders-mysql:3306`) tells more. */
const ANY_STORE = new Set(['sql', 'other_sql', 'nosql', 'other']);

/** Peer (`host:port` where no service is named), store and topic of a span whose attributes `read` gives. */
export function otherEndOf(read: Read): OtherEnd {
  const address = firstOf(read, ADDRESS);
  const port = firstOf(read, PORT);
  const peer = read(PEER_SERVICE) ?? (address && port ? `${address}:${port}` : address);
  const store = firstOf(read, STORE);
  return {
    peer,
    store: store !== null && ANY_STORE.has(store.toLowerCase()) ? (peer ?? store) : store,
    topic: topicOf(read(SYSTEM), firstOf(read, TOPIC)),
  };
}

export const firstOf = (read: Read, names: readonly string[]): string | null =>
  names.map(read).find((value) => value !== null) ?? null;

/** Spans of one of the systems that name one of the topics in one of the fields; the joiner compares pairs. */
export const onTopicIn =
  (system: string, names: readonly string[]) =>
  (topics: Topic[], resolve: Resolve): Query => ({
    bool: {
      filter: [{ terms: { [resolve(system)]: topics.map((topic) => topic.system) } }],
      should: names.map((field) => ({
        terms: { [resolve(field)]: topics.map(({ name }) => name) },
      })),
      minimum_should_match: 1,
    },
  });
