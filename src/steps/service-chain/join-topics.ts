import { callOf, type Made } from './made-call';
import { keyOf } from './span-index';
import type { Span } from './span';

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
  const topics = new Map<string, { producers: Span[]; consumers: Span[] }>();
  for (const span of spans) {
    if (span.topic === null || (span.kind !== 'producer' && span.kind !== 'consumer')) continue;
    const key = keyOf(span.topic.system, span.topic.name);
    const topic = topics.get(key) ?? { producers: [], consumers: [] };
    topics.set(key, topic);
    (span.kind === 'producer' ? topic.producers : topic.consumers).push(span);
  }
  return [...topics.values()].flatMap(({ producers, consumers }) =>
    consumers.flatMap((consumer) => callsInto(consumer, producers, joined)),
  );
}

/** One call from each service that writes to the topic, unless parents or links joined messages of the two already. */
function callsInto(consumer: Span, producers: readonly Span[], joined: Set<string>): Made[] {
  const latest = new Map<string, Span>();
  for (const producer of producers) {
    if (producer.service === consumer.service) continue;
    if (joined.has(keyOf(producer.service, consumer.service))) continue;
    const best = latest.get(producer.service);
    if (best === undefined || isCloser(producer, best, consumer)) {
      latest.set(producer.service, producer);
    }
  }
  return [...latest.values()].map((producer) =>
    callOf(producer, consumer, 'topic', consumer.failed),
  );
}

/** The last producer before the consumer; one after it (clocks differ) only where there is none before. */
function isCloser(producer: Span, best: Span, consumer: Span): boolean {
  const distance = (span: Span): number => {
    const gap = (consumer.start ?? 0) - (span.start ?? 0);
    return gap >= 0 ? gap : Number.MAX_SAFE_INTEGER / 2 - gap;
  };
  return distance(producer) < distance(best);
}
