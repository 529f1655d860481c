import { z } from 'zod';
import type { ChainNote } from '../../../domain/service-chain';
import { checkShape } from '../../upstream/bounded-json';
import { SCHEMA_IDS, type Range } from '../schemas/topology-schema';
import { createSearch } from '../search/bounded-search';
import { rangeOf, underAnyName } from '../search/range-query';
import {
  allCandidates,
  hasItsFields,
  mergedFormats,
  type Candidate,
  type Candidates,
  type DetectContext,
  type DetectOptions,
} from './schema-candidates';

/** Mappings and writers change only with deployments. */
const KEPT_MS = 3_600_000;
const MAX_KEPT = 200;
/** Two schemas whose newest documents are closer than this are both in use; then the order of trust decides. */
const TOLERANCE_MS = 3_600_000;

/**
 * Finds the schemas that hold the service: one `_field_caps` and one `_msearch`. A configured schema is used without
 * a check. The first counts calls; the result is cached for an hour.
 */
export function createDetection(options: DetectOptions) {
  const kept = new Map<string, { until: number } & Omit<Candidates, 'notes'>>();
  return async (context: DetectContext, service: string, range: Range): Promise<Candidates> => {
    const known = kept.get(service);
    if (known !== undefined && known.until > Date.now()) return { ...known, notes: [] };
    const detected = await detect(options, context, service, range);
    // Not cached: missing data, unmapped fields or an unreachable cluster may change within a minute.
    if (detected.found.some(hasItsFields) && detected.notes.length === 0) {
      if (kept.size >= MAX_KEPT) kept.delete([...kept.keys()][0] ?? '');
      const { found, present } = detected;
      kept.set(service, { until: Date.now() + KEPT_MS, found, present });
    }
    return detected;
  };
}

async function detect(
  options: DetectOptions,
  context: DetectContext,
  service: string,
  range: Range,
): Promise<Candidates> {
  const { found: all, notes } = await allCandidates(options, context);
  const present = all.filter(hasItsFields);
  if (options.schema !== 'auto') return { found: mergedFormats(all), present, notes };
  const newest = await newestOf(context, present, service, range);
  return { found: chosen(present, newest.at), present, notes: [...notes, ...newest.notes] };
}

const Newest = z.object({ newest: z.object({ value: z.number().nullable() }) });

/** Time of each schema's newest document of the service in the window, epoch milliseconds; null without one. */
async function newestOf(
  context: DetectContext,
  candidates: readonly Candidate[],
  service: string,
  range: Range,
): Promise<{ at: (number | null)[]; notes: ChainNote[] }> {
  const index = [...new Set(candidates.map((candidate) => candidate.index))].join(',');
  const { searchAll, notes } = createSearch({ ...context, index });
  const answers = await searchAll(
    candidates.map(({ schema, index: own, names }) => ({
      index: own,
      size: 0,
      query: {
        bool: {
          filter: [
            rangeOf(schema, range),
            underAnyName(names.variants, (resolve) => schema.about(service, resolve)),
          ],
        },
      },
      aggs: { newest: { max: { field: schema.time } } },
    })),
  );
  const at = candidates.map(({ schema }, place) => {
    const value = checkShape(Newest, answers[place]?.aggregations).data?.newest.value ?? null;
    return value === null ? null : (schema.newest?.(value) ?? value);
  });
  return { at, notes: notes() };
}

/** Order of the schemas that hold the service: traces with recent data by trust, then relations, logs, old traces. */
function chosen(candidates: readonly Candidate[], newest: readonly (number | null)[]): Candidate[] {
  const alive = candidates.flatMap((candidate, place) => {
    const at = newest[place];
    return at === null || at === undefined ? [] : [{ candidate, at }];
  });
  const latest = Math.max(...alive.map(({ at }) => at));
  const rank = ({ candidate: { schema }, at }: (typeof alive)[number]): number => {
    const stale = schema.kind === 'spans' && at < latest - TOLERANCE_MS ? SCHEMA_IDS.length : 0;
    return stale + SCHEMA_IDS.indexOf(schema.id);
  };
  return mergedFormats(alive.sort((a, b) => rank(a) - rank(b)).map(({ candidate }) => candidate));
}
