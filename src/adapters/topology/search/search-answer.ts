import { parseShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { ChainNote } from '../../../domain/service-chain';
import type { SearchAnswer } from '../schemas/topology-schema';

type RawHit = {
  _index: string;
  fields?: Record<string, unknown[]>;
  _source?: unknown;
  sort?: unknown[];
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checked without copying, because a chain has tens of thousands of hits. The schema that queried parses the values. */
const isHit = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['_index'] === 'string' &&
  (value['fields'] === undefined || isObject(value['fields'])) &&
  (value['sort'] === undefined || Array.isArray(value['sort']));

const Count = z.number().nonnegative().default(0);
/** The parts of a search response that are used. */
const Answer = z.object({
  timed_out: z.boolean().default(false),
  _shards: z.object({ total: Count, failed: Count }).default({ total: 0, failed: 0 }),
  _clusters: z.object({ total: Count, skipped: Count, partial: Count, failed: Count }).optional(),
  hits: z.object({ hits: z.array(z.custom<RawHit>(isHit, 'is no hit')) }),
  aggregations: z.unknown().optional(),
});
const Failure = z.object({
  status: z.int().default(500),
  error: z.object({ type: z.string().default('error'), reason: z.string().nullish() }).loose(),
});

export type Answered = z.infer<typeof Answer>;
export type Failed = z.infer<typeof Failure>;

/** Parses a search response. Throws ShapeError for anything else. */
export const parseAnswer = (answer: unknown): Answered => parseShape(Answer, answer);

/** Parses a response to `count` searches in one request, one result per search. */
export function parseAnswers(answer: unknown, count: number): (Answered | Failed)[] {
  const Responses = z.object({ responses: z.array(z.unknown()).length(count) });
  const { responses } = parseShape(Responses, answer);
  return responses.map((each) =>
    isObject(each) && 'error' in each ? parseShape(Failure, each) : parseShape(Answer, each),
  );
}

export const isFailed = (answer: Answered | Failed): answer is Failed => 'error' in answer;

/** Why an answer can be incomplete. */
export function faultsOf({ timed_out, _shards: shards, _clusters }: Answered): ChainNote[] {
  const notes: ChainNote[] = [];
  if (timed_out) notes.push({ reason: 'timeout', detail: 'a search ended before it saw all' });
  if (shards.failed > 0) {
    notes.push({ reason: 'shards', detail: `${shards.failed} of ${shards.total} shards failed` });
  }
  const absent = (_clusters?.skipped ?? 0) + (_clusters?.partial ?? 0) + (_clusters?.failed ?? 0);
  if (absent > 0) {
    const detail = `${absent} of ${_clusters?.total ?? 0} clusters did not answer whole`;
    notes.push({ reason: 'remote', detail });
  }
  return notes;
}

export const answerOf = ({ hits, aggregations }: Answered): SearchAnswer => ({
  hits: hits.hits.map((hit) => ({
    index: hit._index,
    fields: hit.fields ?? {},
    source: hit._source,
    sort: hit.sort ?? [],
  })),
  aggregations,
});

/** The id of a point in time. */
export const PointInTime = z.object({ id: z.string() });

/** The types of a field by index; without `indices` the type applies to all. `failures`: indices that did not answer. */
export const FieldCaps = z.object({
  failures: z.array(z.object({ indices: z.array(z.string()).default([]) })).default([]),
  indices: z.union([z.string(), z.array(z.string())]).default([]),
  fields: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ indices: z.union([z.string(), z.array(z.string())]).optional() }),
    ),
  ),
});
export type FieldCaps = z.infer<typeof FieldCaps>;
