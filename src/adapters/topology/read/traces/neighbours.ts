import { parseShape, checkShape } from '../../../upstream/bounded-json';
import { z } from 'zod';
import type { Counted } from '../../../../domain/topology/reading';
import type { Span } from '../../../../domain/topology/span';
import type { BoundedSearch } from '../../search/bounded-search';
import { rangeOf } from '../../search/range-query';
import type { Range } from '../../schemas/topology-schema';
import type { TraceSource } from './fetch-traces';
import { sliced } from './sample-traces';

/** Spans of the service whose parents and children are asked for; `terms` takes 65,536. */
const MAX_IDS = 9_000;
/** Services next to one service. */
const MAX_NEIGHBOURS = 200;
/** Traces that show a neighbour; two, since one can be damaged. */
const TRACES_EACH = 2;
/** Of that many calls, one is seen with a probability of 95 % where one in `n / CERTAIN` is looked at. */
const CERTAIN = 3;

export type Neighbours = {
  counted: Counted[];
  /** Traces that show neighbours which the spans read so far do not. */
  traces: string[];
  /** Neighbours with at least this many calls were found; 1 where every call was looked at. */
  floor: number;
};

const Parties = z.object({
  svc: z.object({
    buckets: z.array(
      z.object({
        key: z.string(),
        doc_count: z.number(),
        traces: z.object({
          buckets: z.array(z.object({ key: z.union([z.string(), z.number().transform(String)]) })),
        }),
      }),
    ),
  }),
});
const Total = z.object({ spans: z.object({ value: z.number() }) });

/**
 * The direct callers and callees in far more traces than are read whole: ids of the service's spans, then the services
 * of their parents and children, counted by the server. Two requests.
 */
export async function findNeighbours(
  search: BoundedSearch,
  source: TraceSource,
  { service, range, spans }: { service: string; range: Range; spans: readonly Span[] },
): Promise<Neighbours | null> {
  const own = await ownSpans(search, source, service, range);
  if (own === null || own.spans.length === 0) return null;
  const found = await parties(search, source, service, own.spans);
  if (found === null) return null;
  const known = adjacent(service, spans);
  const scale = Math.max(1, own.total / own.spans.length);
  const counted: Counted[] = [];
  const traces = new Set<string>();
  for (const { caller, callee, calls, in: shown } of found) {
    counted.push({ caller, callee, calls: Math.round(calls * scale) });
    if (!known.has(JSON.stringify([caller, callee]))) for (const id of shown) traces.add(id);
  }
  return { counted, traces: [...traces], floor: scale > 1 ? Math.ceil(CERTAIN * scale) : 1 };
}

async function ownSpans(
  search: BoundedSearch,
  { schema, variants }: TraceSource,
  service: string,
  range: Range,
): Promise<{ spans: Span[]; total: number } | null> {
  const slices = sliced(range);
  const size = Math.floor(MAX_IDS / slices.length);
  const { fields, source } = schema.identity;
  const answers = await search.searchAll(
    slices.flatMap((slice) =>
      variants.map(({ index, resolve }) => ({
        ...(index !== undefined && { index }),
        size,
        query: { bool: { filter: [rangeOf(schema, slice), schema.about(service, resolve)] } },
        fields,
        _source: source.length > 0 ? source : false,
        aggs: { spans: { value_count: { field: resolve(schema.trace) } } },
      })),
    ),
  );
  if (answers.every(({ refused }) => refused)) return null;
  const spans = answers.flatMap(({ hits }) => hits.flatMap((hit) => schema.toSpan(hit) ?? []));
  const total = answers.reduce(
    (sum, { aggregations }) =>
      sum + (aggregations ? (checkShape(Total, aggregations).data?.spans.value ?? 0) : 0),
    0,
  );
  return { spans, total: Math.max(total, spans.length) };
}

type Party = { caller: string; callee: string; calls: number; in: string[] };

async function parties(
  search: BoundedSearch,
  { schema, variants, padded }: TraceSource,
  service: string,
  own: readonly Span[],
): Promise<Party[] | null> {
  const { withIds, childrenOf } = schema.identity;
  const ids = [...new Set(own.map(({ id }) => id))];
  const parents = [
    ...new Set(own.flatMap(({ parent, id, shared }) => [parent ?? [], shared ? id : []].flat())),
  ];
  const answers = await search.searchAll(
    (
      [
        [ids, childrenOf],
        [parents, withIds],
      ] as const
    ).flatMap(([wanted, query]) =>
      variants.map(({ index, resolve }) => ({
        ...(index !== undefined && { index }),
        size: 0,
        query: {
          bool: {
            filter: [padded, query([...wanted], resolve)],
            must_not: [schema.about(service, resolve)],
          },
        },
        aggs: {
          svc: {
            terms: { field: resolve(schema.identity.service), size: MAX_NEIGHBOURS },
            aggs: { traces: { terms: { field: resolve(schema.trace), size: TRACES_EACH } } },
          },
        },
      })),
    ),
  );
  if (answers.every(({ refused }) => refused)) return null;
  return answers.flatMap(({ aggregations }, place) => {
    if (!aggregations) return [];
    const down = place < variants.length;
    return parseShape(Parties, aggregations).svc.buckets.map(({ key, doc_count, traces }) => ({
      caller: down ? service : key,
      callee: down ? key : service,
      calls: doc_count,
      in: traces.buckets.map((bucket) => bucket.key),
    }));
  });
}

/** The pairs that the spans show already. */
function adjacent(service: string, spans: readonly Span[]): Set<string> {
  const services = new Map<string, Set<string>>();
  const at = (span: Span, id: string): string => `${span.trace} ${id}`;
  for (const span of spans) {
    const key = at(span, span.id);
    services.set(key, (services.get(key) ?? new Set()).add(span.service));
  }
  const pairs = new Set<string>();
  for (const span of spans) {
    const above = span.shared || span.parent === null ? span.id : span.parent;
    for (const caller of services.get(at(span, above)) ?? []) {
      if (caller !== span.service && (caller === service || span.service === service))
        pairs.add(JSON.stringify([caller, span.service]));
    }
  }
  return pairs;
}
