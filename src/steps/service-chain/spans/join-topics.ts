import type { Span } from '../../../domain/topology/span';
import { callOf, type SpanCall } from './call-from-spans';
import { keyOf } from '../key-of';
import type { SpanIndex } from './span-index';

export type TopicJoins = {
  calls: SpanCall[];
  /** For each topic and each service that reads it, the spans of both sides. */
  exchanges: { writers: Span[]; readers: Span[] }[];
};

/**
 * Producers and consumers of one topic. Only consumers whose producer is named by neither a parent nor a link are
 * joined, since a topic alone is weak evidence. A topic is a system, a name and, where there is one, a routing key:
 * `orders` of kafka and `orders` of rabbitmq are two. The traces do not show which message was read, so each consumer
 * span is one call, from the last producer span of a service before it.
 */
export function joinTopics(index: SpanIndex, made: readonly SpanCall[]): TopicJoins {
  // A synchronous call between the two services says nothing about their messages.
  const joined = new Set(
    made
      .filter(({ call }) => call.via !== 'sync')
      .map(({ call }) => keyOf(call.caller, call.callee)),
  );
  const topics = new Map<string, TopicSpans>();
  for (const span of index.readings.flat()) {
    if (span.topic === null) continue;
    const key = topicKey(span);
    const topic: TopicSpans = topics.get(key) ?? { producers: new Map(), consumers: new Map() };
    topics.set(key, topic);
    if (span.kind === 'producer') add(topic.producers, span);
    if (span.kind === 'consumer' && !namesProducer(span, index)) add(topic.consumers, span);
  }
  const places = new Set(index.readings.flat().flatMap(({ environment }) => environment ?? []));
  const joins = [...topics.values()].flatMap((topic) => joinsOn(topic, joined, places));
  return {
    calls: joins.flatMap(({ calls }) => calls),
    exchanges: joins.filter(({ calls }) => calls.length > 0),
  };
}

/** A topic of more services (a dead-letter queue, an audit log) shows nothing about which of them is read. */
const MAX_WRITERS = 100;

/** Spans by service and environment. */
type TopicSpans = { producers: Map<string, Span[]>; consumers: Map<string, Span[]> };

function add(byService: Map<string, Span[]>, span: Span): void {
  const key = keyOf(span.service, span.environment ?? '');
  const same = byService.get(key);
  if (same === undefined) byService.set(key, [span]);
  else same.push(span);
}

/** RabbitMQ's consumers add their queue to the name: `exchange:key:queue` reads what was sent to `exchange:key`. */
function topicKey({ topic, kind }: Span): string {
  const { system = '', name = '' } = topic ?? {};
  const parts = name.split(':');
  const isQueued = system === 'rabbitmq' && kind === 'consumer' && parts.length > 2;
  return keyOf(system, isQueued ? parts.slice(0, -1).join(':') : name);
}

/** Receiving, processing and settling are spans of their own; more levels than these are no message. */
const MAX_LEVELS = 20;

/** The span, or a consumer span of the same service above it, has a link or a parent that leads to another service. */
function namesProducer(consumer: Span, index: SpanIndex): boolean {
  let span = consumer;
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    if (span.links.length > 0) return true;
    if (span.parent === null && !span.shared) return false;
    const parent = index.parentOf(span);
    // A parent that was not read is unknown: it can be the producer.
    if (parent === undefined) return true;
    if (parent.service !== span.service)
      return span.kind === 'consumer' || parent.kind === 'producer';
    span = parent;
  }
  return true;
}

type Join = { calls: SpanCall[]; writers: Span[]; readers: Span[] };

/** One call into each consumer span from each service that writes to the topic, unless parents or links already join the two. */
function joinsOn(
  { producers, consumers }: TopicSpans,
  joined: ReadonlySet<string>,
  places: ReadonlySet<string>,
): Join[] {
  if (producers.size > MAX_WRITERS) return [];
  return [...consumers.values()].map((readers): Join => {
    const writers = [...producers.values()].filter((of) => canMeet(of[0], readers[0], places));
    const calls = writers
      .filter(([writer]) => !joined.has(keyOf(writer?.service ?? '', readers[0]?.service ?? '')))
      .flatMap((written) => callsBetween(written, readers));
    return { calls, writers: writers.flat(), readers };
  });
}

function callsBetween(written: readonly Span[], readers: readonly Span[]): SpanCall[] {
  const inOrder = [...written].sort((a, b) => startOf(a) - startOf(b));
  return readers.flatMap((reader) => {
    const producer = lastBefore(inOrder, startOf(reader));
    return producer === undefined ? [] : [callOf(producer, reader, 'topic', reader.failed)];
  });
}

/**
 * Two environments have brokers of their own, whatever their topics are called. Where there are several, spans that
 * do not name theirs can be of any.
 */
function canMeet(
  writer: Span | undefined,
  reader: Span | undefined,
  places: ReadonlySet<string>,
): boolean {
  if (writer === undefined || reader === undefined || writer.service === reader.service)
    return false;
  const [here, there] = [writer.environment, reader.environment];
  return here === there || (places.size < 2 && (here === undefined || there === undefined));
}

const startOf = ({ start }: Span): number => start ?? 0;

/** The last producer before the consumer; one after it (clocks differ) only where there is none before. */
function lastBefore(inOrder: readonly Span[], at: number): Span | undefined {
  let low = 0;
  let high = inOrder.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const span = inOrder[middle];
    if (span !== undefined && startOf(span) <= at) low = middle + 1;
    else high = middle;
  }
  return inOrder[Math.max(0, low - 1)];
}
