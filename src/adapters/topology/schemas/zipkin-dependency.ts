import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Relation } from '../../../domain/topology/reading';
import { daysOf, ofWindow } from '../documents/day-documents';
import type { Hit, Query, Range, RelationSchema, Search } from './topology-schema';
import { sumRelations } from '../documents/sum-relations';

/** Elasticsearch's limit on hits in one response without a scroll. */
const PAGE = 10_000;

const Source = z.object({
  parent: z.string(),
  child: z.string(),
  callCount: z.int().nonnegative(),
  errorCount: z.int().nonnegative().default(0),
});
const DAY_OF_INDEX = /(\d{4})[-./]?(\d{2})[-./]?(\d{2})$/;

/**
 * Dependency documents of Zipkin's Spark job: one per day and edge, in an index for that day. Their mapping is
 * disabled, so they cannot be searched: the day comes from the index name and every document is fetched.
 */
export const zipkinDependency: RelationSchema = {
  kind: 'relations',
  id: 'zipkin-dependency',
  indices: ['zipkin-dependency-*'],
  keywords: [],
  time: 'timestamp_millis',
  within: (range) => ofDays(daysOf(range)),
  about: () => ({ match_all: {} }),
  spell: (service) => service.toLowerCase(),
  async read(search, { range }) {
    const days = daysOf(range);
    const { hits } = await page(search, days);
    const all = hits.length < PAGE ? hits : await dayByDay(search, days);
    return relationsOfDocuments(all, range);
  },
};

const page = (search: Search, days: readonly string[]) =>
  search({ size: PAGE, query: { bool: { filter: [ofDays(days)] } }, _source: true });

/** A day with more than 10,000 pairs of services is cut, since one response holds no more. */
async function dayByDay(search: Search, days: readonly string[]): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const day of [...days].reverse()) hits.push(...(await page(search, [day])).hits);
  return hits;
}

/** Zipkin's date separator is configurable: `-` by default; `.` and none are also in use. */
const ofDays = (days: readonly string[]): Query => ({
  bool: {
    should: days.flatMap((day) =>
      ['-', '.', ''].map((separator) => ({
        wildcard: { _index: `*zipkin-dependency-${day.replaceAll('-', separator)}` },
      })),
    ),
    minimum_should_match: 1,
  },
});

/** Sums the days of the window. */
export function relationsOfDocuments(
  hits: readonly Pick<Hit, 'index' | 'source'>[],
  range: Range,
): Relation[] {
  const days = new Map<string, Relation[]>();
  for (const { index, source } of hits) {
    const [, year, month, date] = DAY_OF_INDEX.exec(index) ?? [];
    const parsed = checkShape(Source, source);
    if (year === undefined || month === undefined || date === undefined || !parsed.success)
      continue;
    const day = `${year}-${month}-${date}`;
    const { parent: caller, child: callee, callCount: calls, errorCount: errors } = parsed.data;
    const last_seen = `${day}T00:00:00.000Z`;
    const relations = days.get(day) ?? [];
    relations.push({ caller, callee, calls, errors, via: 'sync', last_seen });
    days.set(day, relations);
  }
  const inside = [...ofWindow(days, range).values()].flat();
  return sumRelations(inside.filter(({ caller, callee }) => caller !== callee));
}
