import { callOf, type Made } from './call-from-spans';
import { keyOf } from './span-index';
import type { Span } from '../../domain/topology/span';

/**
 * Producers and consumers of one topic that neither a parent nor a link joins. A topic is a system and a name: `orders`
 * of kafka and `orders` of rabbitmq are two. Who consumed what cannot be told, so each consumer span is one call, and
 * it comes from a producer whose message it can have read: the last one before it.
 */
export function joinTopics(spans: readonly Span[], made: readonly Made[]): Made[] {
  // A synchronous call between the two says nothing of the messages: these lead into traces of their own.
  const joined = new Set(
    made
      .filter(({ call }) => call.via !== 'sync')
      .map(({ call }) => keyOf(call.caller, call.callee)),
  );
  const topics = new Map<string, Topic>();
  for (const span of spans) {
    if (span.topic === null || (span.kind !== 'producer' && span.kind !== 'consumer')) continue;
    const key = keyOf(span.topic.system, span.topic.name);
    const topic: Topic = topics.get(key) ?? { producers: new Map(), consumers: new Map() };
    topics.set(key, topic);
    const side = span.kind === 'producer' ? topic.producers : topic.consumers;
    const same = side.get(span.service);
    if (same === undefined) side.set(span.service, [span]);
    else same.push(span);
  }
  return [...topics.values()].flatMap((topic) => callsOn(topic, joined));
}

/** Spans by service. */
type Topic = { producers: Map<string, Span[]>; consumers: Map<string, Span[]> };

/** One call into each consumer span from each service that writes to the topic, unless parents or links joined messages of the two already. */
function callsOn({ producers, consumers }: Topic, joined: ReadonlySet<string>): Made[] {
  const calls: Made[] = [];
  for (const [caller, written] of producers) {
    const inOrder = [...written].sort((a, b) => startOf(a) - startOf(b));
    for (const [callee, read] of consumers) {
      if (caller === callee || joined.has(keyOf(caller, callee))) continue;
      for (const consumer of read) {
        const producer = lastBefore(inOrder, startOf(consumer));
        if (producer !== undefined) {
          calls.push(callOf(producer, consumer, 'topic', consumer.failed));
        }
      }
    }
  }
  return calls;
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
