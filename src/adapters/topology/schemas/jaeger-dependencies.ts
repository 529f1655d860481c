import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Relation } from '../../../domain/topology/reading';
import { dayOf, daysAround, ofWindow } from '../documents/day-documents';
import { isTime, lastSeenAt } from '../documents/last-seen';
import type { Hit, Range, RelationSchema, Search } from './topology-schema';
import { sumRelations } from '../documents/sum-relations';

const PARENT = 'dependencies.parent';
const CHILD = 'dependencies.child';
/** A document holds all edges of one run: about half a megabyte for a few thousand edges. */
const PAGE = 50;

const Source = z.object({
  timestamp: z.union([z.string(), z.number()]),
  dependencies: z.array(
    z.object({ parent: z.string(), child: z.string(), callCount: z.int().nonnegative() }),
  ),
});
type Run = { at: number; dependencies: z.infer<typeof Source>['dependencies'] };

/**
 * Dependency documents of Jaeger's Spark job: one per run. A run counts the child references of one UTC day and has
 * that day's midnight as its time. They show neither errors nor asynchronous calls.
 */
export const jaegerDependencies: RelationSchema = {
  kind: 'relations',
  id: 'jaeger-dependencies',
  indices: ['jaeger-dependencies-*'],
  keywords: [PARENT, CHILD],
  time: 'timestamp',
  within: (range) => {
    const { from, to } = daysAround(range);
    return { range: { timestamp: { gte: from, lt: to, format: 'epoch_millis' } } };
  },
  about: (service, resolve) => ({
    bool: {
      should: [PARENT, CHILD].map((field) => ({ term: { [resolve(field)]: service } })),
      minimum_should_match: 1,
    },
  }),
  async read(search, { range }) {
    return relationsOfRuns(await readRuns(search, range), range);
  },
};

async function readRuns(search: Search, range: Range): Promise<Run[]> {
  const runs: Run[] = [];
  for (let page = 0; ; page += 1) {
    const { hits } = await search({
      from: page * PAGE,
      size: PAGE,
      query: { bool: { filter: [jaegerDependencies.within?.(range) ?? { match_all: {} }] } },
      sort: [{ timestamp: { order: 'desc', unmapped_type: 'date' } }],
      _source: ['timestamp', 'dependencies'],
    });
    runs.push(...hits.flatMap((hit) => runOf(hit) ?? []));
    if (hits.length < PAGE) break;
  }
  return runs;
}

/** Null for documents of another shape. */
export function runOf({ source }: Pick<Hit, 'source'>): Run | null {
  const parsed = checkShape(Source, source);
  if (!parsed.success) return null;
  const { timestamp, dependencies } = parsed.data;
  const at = typeof timestamp === 'number' ? timestamp : Date.parse(timestamp);
  return isTime(at) ? { at, dependencies } : null;
}

/**
 * A day that the job processed twice is in the index twice, and its runs must not be added: the run with the highest
 * count saw most of the day. Edges from a service to itself, which the job counts too, are dropped.
 */
export function relationsOfRuns(runs: readonly Run[], range: Range): Relation[] {
  const days = new Map<string, Run>();
  for (const run of runs) {
    const best = days.get(dayOf(run.at));
    if (best === undefined || callsOf(run) > callsOf(best)) days.set(dayOf(run.at), run);
  }
  const relations = [...ofWindow(days, range)].flatMap(([, { at, dependencies }]) =>
    dependencies
      .filter(({ parent, child }) => parent !== child)
      .map(({ parent: caller, child: callee, callCount: calls }): Relation => {
        return { caller, callee, calls, errors: null, via: 'sync', ...lastSeenAt(at) };
      }),
  );
  return sumRelations(relations);
}

const callsOf = ({ dependencies }: Run): number =>
  dependencies.reduce((sum, { callCount }) => sum + callCount, 0);
