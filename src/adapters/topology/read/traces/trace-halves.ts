import type { Span } from '../../../../domain/topology/span';
import type { BoundedSearch } from '../../search/bounded-search';
import { underAnyName } from '../../search/range-query';
import { readTraces } from './fetch-traces';
import type { Follow } from './follow-links';

/** Spans whose neighbours are looked for; two or three per trace show its other half. */
const MAX_IDS = 5_000;
const MAX_HITS = 2_000;

/**
 * Traces that go on under an id of 128 bits where the sample knows only its last 64: their spans are found by the ids
 * of parents and children, since no query for the end of an id is cheap.
 */
export async function otherHalves(
  search: BoundedSearch,
  follow: Follow,
  spans: readonly Span[],
): Promise<Span[]> {
  const short = spans.filter(({ trace }) => trace.length === 16);
  if (short.length === 0) return [];
  const known = new Set(spans.map(({ trace }) => trace));
  const halves = new Set(short.map(({ trace }) => trace));
  const ids = distinct(short.flatMap(({ id, parent }) => (parent === null ? [id] : [id, parent])));
  const { schema, variants } = follow;
  const { withIds, childrenOf } = schema.identity;
  const { hits } = await search.search({
    size: MAX_HITS,
    query: {
      bool: {
        filter: [
          follow.padded,
          underAnyName(variants, (resolve) => ({
            bool: {
              should: [withIds(ids, resolve), childrenOf(ids, resolve)],
              minimum_should_match: 1,
            },
          })),
        ],
        must_not: [
          underAnyName(variants, (resolve) => ({
            terms: { [resolve(schema.trace)]: [...halves] },
          })),
        ],
      },
    },
    fields: [schema.trace],
    _source: false,
  });
  const others = distinct(hits.flatMap(({ fields }) => textOf(fields[schema.trace]?.[0]))).filter(
    (id) => id.length === 32 && halves.has(id.slice(16)) && !known.has(id),
  );
  if (others.length === 0) return [];
  const room = follow.mostSpans - spans.length;
  const read = await search.atOneTime((at) => readTraces(at, follow, others, room));
  return read?.spans ?? [];
}

const textOf = (value: unknown): string[] => (typeof value === 'string' ? [value] : []);

const distinct = (ids: readonly string[]): string[] => [...new Set(ids)].slice(0, MAX_IDS);
