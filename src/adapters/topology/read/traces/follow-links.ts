import type { Span, Topic } from '../../../../domain/topology/span';
import { rangeOf, underAnyName } from '../../search/range-query';
import { readTraces, type TraceSource, type TracesRead } from './fetch-traces';
import type { Query, Range, Search, SpanSchema } from '../../schemas/topology-schema';

/** Limit on topics, above what a service usually writes to and reads from. */
const MAX_TOPICS = 50;
/** One message is read by several consumers, each with a trace of its own. */
const FAN_OUT = 2;
/** Spans at the other end of links and topics: about 150 bytes each, about one per trace. */
const MAX_PARTNERS = 2_000;

export type Follow = TraceSource & {
  /** Topics are searched in it, traces and links in a slightly wider one (`padded`). */
  range: Range;
  mostTraces: number;
  mostSpans: number;
  /** Most steps from trace to trace. */
  linkHops: number;
};
/** Traces that led to the sampled ones, and traces that these led to; the sampled ones are in both. */
type Frontier = { causes: Span[]; effects: string[] };

/**
 * The sampled traces, and the traces found through span links and topics: causes are followed to further causes,
 * effects to further effects. `whole` counts only sampled traces.
 */
export async function followTraces(
  search: Search,
  follow: Follow,
  ids: readonly string[],
): Promise<TracesRead> {
  const sampled = await readTraces(search, follow, ids, follow.mostSpans);
  const state: State = { spans: sampled.spans, cut: sampled.cut, seen: new Set(ids), asked: '' };
  let frontier: Frontier = { causes: sampled.spans, effects: ids.slice(0, sampled.whole) };
  for (let hop = 0; hop < follow.linkHops && !state.cut; hop += 1) {
    frontier = await nextFrontier(search, follow, state, frontier);
    if (frontier.causes.length + frontier.effects.length === 0) break;
  }
  return { spans: state.spans, whole: sampled.whole, cut: state.cut };
}

/** `asked`: topics and services that were already searched. */
type State = { spans: Span[]; cut: boolean; seen: Set<string>; asked: string };

async function nextFrontier(
  search: Search,
  follow: Follow,
  state: State,
  { causes, effects }: Frontier,
): Promise<Frontier> {
  const causing = new Set(causes.flatMap(({ links }) => links.map(({ trace }) => trace)));
  const caused = await linkedTo(search, follow, effects);
  const linked = await readUnseen(search, follow, state, [...causing, ...caused]);
  // After the links: traces found by a link need no guess by topic.
  const messaging = topicsOf(state.spans);
  const news = JSON.stringify(messaging) !== state.asked;
  state.asked = JSON.stringify(messaging);
  const found = news ? await onTopics(search, follow, messaging) : [];
  const partners = await readUnseen(search, follow, state, found);
  return {
    causes: [...linked.spans.filter(({ trace }) => causing.has(trace)), ...partners.spans],
    effects: [...linked.ids.filter((id) => !causing.has(id)), ...partners.ids],
  };
}

async function readUnseen(
  search: Search,
  follow: Follow,
  state: State,
  found: readonly string[],
): Promise<{ ids: string[]; spans: Span[] }> {
  const unseen = [...new Set(found)].filter((id) => !state.seen.has(id));
  const ids = unseen.slice(0, FAN_OUT * follow.mostTraces);
  const { spans, cut } = await readTraces(
    search,
    follow,
    ids,
    follow.mostSpans - state.spans.length,
  );
  for (const id of ids) state.seen.add(id);
  state.spans = state.spans.concat(spans);
  state.cut ||= cut;
  return { ids, spans };
}

async function linkedTo(
  search: Search,
  follow: Follow,
  traces: readonly string[],
): Promise<string[]> {
  const { linkedFrom } = follow.schema;
  if (linkedFrom === null || traces.length === 0) return [];
  const query = underAnyName(follow.variants, (resolve) => linkedFrom([...traces], resolve));
  return tracesOf(search, follow.schema, [follow.padded, query]);
}

/**
 * Traces in the window of services that share a topic with the spans read so far and that have no trace yet. A service
 * with a trace was found by a link or a parent; more of its messages would only be counted as more calls.
 */
async function onTopics(
  search: Search,
  { schema, variants, range }: Follow,
  { topics, services }: Messaging,
): Promise<string[]> {
  const { onTopic } = schema;
  if (onTopic === null || topics.length === 0) return [];
  const there = services.map((service) =>
    underAnyName(variants, (resolve) => schema.about(service, resolve)),
  );
  const query = underAnyName(variants, (resolve) => onTopic(topics, resolve));
  return tracesOf(search, schema, [rangeOf(schema, range), query], there);
}

type Messaging = { topics: Topic[]; services: string[] };

function topicsOf(spans: readonly Span[]): Messaging {
  const topics = new Map<string, Topic>();
  const services = new Set<string>();
  for (const { topic, service } of spans) {
    if (topic === null) continue;
    topics.set(JSON.stringify([topic.system, topic.name]), topic);
    services.add(service);
  }
  return { topics: [...topics.values()].slice(0, MAX_TOPICS), services: [...services] };
}

/**
 * Trace ids of matching spans, from the hits: an aggregation would fail if the field is a text in some of the indices.
 */
async function tracesOf(
  search: Search,
  schema: SpanSchema,
  filter: Query[],
  must_not: Query[] = [],
): Promise<string[]> {
  const { hits } = await search({
    size: MAX_PARTNERS,
    query: { bool: { filter, must_not } },
    sort: [{ _shard_doc: 'asc' }],
    fields: [schema.trace],
    _source: false,
  });
  const ids = hits.map(({ fields }) => fields[schema.trace]?.[0]);
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}
