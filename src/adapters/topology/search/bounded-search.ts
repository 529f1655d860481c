import { parseShape } from '../../upstream/bounded-json';
import { errors, type Client, type estypes } from '@elastic/elasticsearch';
import type { ChainNote } from '../../../domain/service-chain';
import { fromElasticsearch } from '../../elasticsearch/elasticsearch';
import { failureOf } from '../../elasticsearch/client-errors';
import type { Bounds } from './read-bounds';
import type { Search, SearchAnswer } from '../schemas/topology-schema';
import {
  answerOf,
  faultsOf,
  isFailed,
  parseAnswer,
  parseAnswers,
  PointInTime,
  type Answered,
  type Failed,
} from './search-answer';

const TIMEOUT = '3s';
/** Pages of one read see the same data; closed as soon as the read ends. */
const KEEP_ALIVE = '1m';

export type SearchContext = {
  client: Client;
  /** Index patterns, comma separated. */
  index: string;
  bounds: Bounds;
  signal?: AbortSignal;
  onPage?: () => void;
};

export type BoundedSearch = {
  search: Search;
  /** Several searches in one request, answered in their order; throws only where all of them failed. */
  searchAll: (bodies: estypes.SearchRequest[]) => Promise<SearchAnswer[]>;
  /** Runs `body` with a point in time, which is closed whatever happens; null once the bounds are reached. */
  atOneTime: <Result>(body: (search: Search) => Promise<Result>) => Promise<Result | null>;
  notes: () => ChainNote[];
};

const NOTHING: SearchAnswer = { hits: [], aggregations: undefined, refused: true };

/**
 * Searches of one read, each with heartbeats and cancellable. Beyond the bounds every search returns nothing, so that
 * a read ends with partial data; `notes` gives the reasons.
 */
export function createSearch(context: SearchContext): BoundedSearch {
  const { client, index, bounds, signal, onPage } = context;
  const notes = new Map<ChainNote['reason'], string>();
  const where = { index, ignore_unavailable: true, allow_no_indices: true };
  const common = { track_total_hits: false, timeout: TIMEOUT };
  const mayAsk = (): boolean => {
    const refusal = bounds.spend();
    if (refusal === null) onPage?.();
    else notes.set(refusal.reason, `${index}: ${refusal.detail}`);
    return refusal === null;
  };
  const noted = (answer: Answered): SearchAnswer => {
    for (const { reason, detail } of faultsOf(answer)) notes.set(reason, `${index}: ${detail}`);
    return answerOf(answer);
  };
  const search: Search = async (body) => {
    if (!mayAsk()) return NOTHING;
    // A point in time already contains its indices.
    const request = { ...(body.pit ? {} : where), ...common, ...body };
    const ask = async () => parseAnswer(await client.search(request, { signal }));
    return noted(await fromElasticsearch('elasticsearch', signal, ask));
  };
  return {
    search,
    async searchAll(bodies) {
      if (bodies.length === 0 || !mayAsk()) return bodies.map(() => NOTHING);
      const searches = bodies.flatMap(({ index: own = index, ...body }) => [
        { ...where, index: own },
        { ...common, ...body },
      ]);
      const responses = await fromElasticsearch('elasticsearch', signal, async () =>
        parseAnswers(await client.msearch({ searches }, { signal }), bodies.length),
      );
      const failed = responses.filter(isFailed);
      const [first] = failed;
      if (first !== undefined && failed.length === responses.length) throw errorOf(first);
      return responses.map((each) => {
        if (!isFailed(each)) return noted(each);
        notes.set('shards', `${index}: ${each.error.reason ?? each.error.type}`);
        return NOTHING;
      });
    },
    async atOneTime(body) {
      if (!mayAsk()) return null;
      // Not cancelled in flight: a point in time whose id was not received would stay open.
      const { id } = await fromElasticsearch('elasticsearch', signal, async () =>
        parseShape(
          PointInTime,
          await client.openPointInTime({
            index,
            keep_alive: KEEP_ALIVE,
            ignore_unavailable: true,
            // The searches report shards that are down; the others can still be read.
            allow_partial_search_results: true,
          }),
        ),
      );
      try {
        signal?.throwIfAborted();
        return await body((request) => search({ pit: { id, keep_alive: KEEP_ALIVE }, ...request }));
      } finally {
        await client.closePointInTime({ id }).catch(() => undefined);
      }
    },
    notes: () => [...notes].map(([reason, detail]) => ({ reason, detail })),
  };
}

/** The error that a single search with this answer would throw; its status decides whether to retry. */
function errorOf(body: Failed): unknown {
  const meta = {} as ConstructorParameters<typeof errors.ResponseError>[0]['meta'];
  return failureOf(
    'elasticsearch',
    new errors.ResponseError({ body, statusCode: body.status, headers: {}, warnings: null, meta }),
  );
}
