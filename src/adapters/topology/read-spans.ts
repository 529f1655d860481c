import { z } from 'zod';
import type { ChainNote } from '../../domain/service-chain';
import type { Reading } from '../../steps/service-chain/reading';
import type { Span, Topic } from '../../steps/service-chain/span';
import type { BoundedSearch } from './bounded-search';
import type { Query, Range, Resolve, Search, SpanSchema } from './schema';

/** Traces through the service; measured: 23 stratified ones showed all edges of the demo's checkout. */
const MAX_TRACES = 300;
/** Traces from before the window are read for rare edges alone. */
const MAX_EARLIER_TRACES = 60;
/** About 40 MB of answers and objects: the worker's memory stays bounded whatever one trace holds. */
const MAX_SPANS = 40_000;
const PAGE = 5_000;
/** Trace ids can be ordered by time: samples come from six slices of the window. */
const SLICES = 6;
/** Spans of a sampled trace may begin before or end after the window. */
const PAD_MS = 3_600_000;
/** More topics than any service of a release writes to or reads from. */
const MAX_TOPICS = 50;

type Read = { search: BoundedSearch; schema: SpanSchema; resolve: Resolve };
type Sample = { ids: string[]; total: number };

/** Samples traces through the service, then reads those traces and the traces that links and topics lead to. */
export async function readSpans(
  { search, schema, resolve }: Read,
  service: string,
  range: Range,
  earlier = false,
): Promise<{ reading: Reading; notes: ChainNote[] }> {
  const most = earlier ? MAX_EARLIER_TRACES : MAX_TRACES;
  const padded = within(schema, { from: range.from - PAD_MS, to: range.to + PAD_MS });
  const sample = await sampleTraces({ search, schema, resolve }, service, range, most);
  const read = { schema, resolve, padded, most };
  const found =
    sample.ids.length === 0
      ? { spans: [], cut: false }
      : await search.atOneTime((at) => readWithPartners(at, read, sample.ids));
  const { spans, cut } = found ?? { spans: [], cut: false };
  const more: ChainNote = { reason: 'spans', detail: `only ${MAX_SPANS} spans were read` };
  const traces = { sampled: sample.ids.length, total: sample.total };
  return {
    reading: { schema: schema.id, earlier, traces, kind: 'spans', spans },
    notes: [...search.notes(), ...(cut && !earlier ? [more] : [])],
  };
}

const within = (schema: SpanSchema, range: Range): Query =>
  schema.within?.(range) ?? {
    range: { [schema.time]: { gte: range.from, lt: range.to, format: 'epoch_millis' } },
  };

const Ids = z.object({
  total: z.object({ value: z.number() }).optional(),
  ids: z.object({ buckets: z.array(z.object({ key: z.string() })) }),
});

/** All slices in one request. */
async function sampleTraces(
  { search, schema, resolve }: Read,
  service: string,
  { from, to }: Range,
  most: number,
): Promise<Sample> {
  const field = resolve(schema.trace);
  const width = Math.max(1, Math.ceil((to - from) / SLICES));
  const starts = Array.from({ length: SLICES }, (_, i) => from + i * width).filter((s) => s < to);
  const answers = await search.searchAll(
    starts.map((start) => ({
      size: 0,
      query: {
        bool: {
          filter: [
            within(schema, { from: start, to: Math.min(start + width, to) }),
            schema.about(service, resolve),
          ],
        },
      },
      aggs: {
        total: { cardinality: { field, precision_threshold: 3_000 } },
        ids: { terms: { field, size: most, order: { _key: 'desc' } } },
      },
    })),
  );
  const slices = answers.flatMap(({ aggregations }) => Ids.safeParse(aggregations).data ?? []);
  const total = slices.reduce((sum, slice) => sum + (slice.total?.value ?? 0), 0);
  const ids = evenly(
    slices.map((slice) => slice.ids.buckets.map(({ key }) => key)),
    most,
  );
  // A trace that lies in two slices counts in both; the estimate of a cardinality can be below what was seen.
  return { ids, total: ids.length < most ? ids.length : Math.max(total, ids.length) };
}

/** Of each list in turn, each id once, until there are enough. */
function evenly(lists: readonly string[][], most: number): string[] {
  const ids = new Set<string>();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let place = 0; place < longest && ids.size < most; place += 1) {
    for (const list of lists) {
      const id = list[place];
      if (id !== undefined && ids.size < most) ids.add(id);
    }
  }
  return [...ids];
}

type Reader = { schema: SpanSchema; resolve: Resolve; padded: Query; most: number };
type Spans = { spans: Span[]; cut: boolean };

/** The traces themselves, and one step further: those that they link to, that link to them, or that share a topic. */
async function readWithPartners(search: Search, read: Reader, ids: string[]): Promise<Spans> {
  const first = await readTraces(search, read, ids, MAX_SPANS);
  const { schema, resolve, most } = read;
  const known = new Set(ids);
  const outgoing = first.spans.flatMap(({ links }) => links.map(({ trace }) => trace));
  const incoming = schema.linkedFrom
    ? await tracesOf(search, read, schema.linkedFrom(ids, resolve))
    : [];
  const topics = topicsOf(first.spans);
  const partners =
    schema.onTopic && topics.length > 0
      ? await tracesOf(search, read, schema.onTopic(topics, resolve))
      : [];
  const more = [...new Set([...outgoing, ...incoming, ...partners])]
    .filter((id) => !known.has(id))
    .slice(0, most);
  if (more.length === 0) return first;
  const second = await readTraces(search, read, more, MAX_SPANS - first.spans.length);
  return { spans: [...first.spans, ...second.spans], cut: first.cut || second.cut };
}

function topicsOf(spans: readonly Span[]): Topic[] {
  const topics = new Map<string, Topic>();
  for (const { topic } of spans) {
    if (topic !== null) topics.set(JSON.stringify([topic.system, topic.name]), topic);
  }
  return [...topics.values()].slice(0, MAX_TOPICS);
}

async function tracesOf(
  search: Search,
  { schema, resolve, padded, most }: Reader,
  query: Query,
): Promise<string[]> {
  const { aggregations } = await search({
    size: 0,
    query: { bool: { filter: [padded, query] } },
    aggs: { ids: { terms: { field: resolve(schema.trace), size: most } } },
  });
  return Ids.safeParse(aggregations).data?.ids.buckets.map(({ key }) => key) ?? [];
}

async function readTraces(
  search: Search,
  { schema, resolve, padded }: Reader,
  ids: readonly string[],
  most: number,
): Promise<Spans> {
  const spans: Span[] = [];
  let after: unknown[] | undefined;
  do {
    const { hits } = await search({
      size: PAGE,
      query: { bool: { filter: [padded, { terms: { [resolve(schema.trace)]: [...ids] } }] } },
      sort: [{ _shard_doc: 'asc' }],
      fields: schema.fields,
      _source: schema.source.length > 0 ? schema.source : false,
      ...(after && { search_after: after as string[] }),
    });
    for (const hit of hits) {
      const span = schema.toSpan(hit);
      if (span !== null) spans.push(span);
    }
    after = hits.length === PAGE ? hits.at(-1)?.sort : undefined;
  } while (after !== undefined && spans.length < most);
  return { spans, cut: after !== undefined };
}
