import type { Span, Topic } from '../../../domain/topology/span';
import { rangeOf, underAnyName } from '../search/queries';
import { readTraces, type TraceSource, type TracesRead } from './read-traces';
import type { Query, Range, Search, SpanSchema } from '../topology-schema';

/** More topics than any service of a release writes to or reads from. */
const MAX_TOPICS = 50;
/** One message is read by several consumers, each with a trace of its own. */
const FAN_OUT = 2;
/** Spans at the other end of links and topics, about 150 bytes each; there is about one a trace. */
const MAX_PARTNERS = 2_000;

export type Follow = TraceSource & {
  /** Topics are asked for in it; traces and links a little around it (`padded`). */
  range: Range;
  mostTraces: number;
  mostSpans: number;
  /** From trace to trace, at most. */
  linkHops: number;
};
/** Traces that led to the sampled ones, and those that the sampled ones led to; both for the sampled ones themselves. */
type Frontier = { causes: Span[]; effects: string[] };

/**
 * The sampled traces, and those that span links and topics lead to: from what caused them on to its causes, from what
 * they caused on to its effects. `whole` counts sampled traces alone.
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

/** `asked`: topics and services that were asked about already. */
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
  // After the links: whom they lead to needs no guess by topic.
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
 * Traces of services that share a topic with the spans read, and of which none was read yet: who is already there came
 * by a link or a parent, and more of its messages would only be counted as more calls. Of the window exactly.
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
 * Trace ids of matching spans, from the hits and not from an aggregation, which fails where the field is a text in some
 * of the indices.
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
