import type { Client, estypes } from '@elastic/elasticsearch';
import type { ChainNote } from '../../domain/service-chain';
import { fromElasticsearch } from '../elasticsearch';
import type { Search, SearchAnswer } from './schema';

/** Enough for every schema's usual read several times over; a read that needs more is cut and says so. */
const MAX_REQUESTS = 40;
/** A preparation waits no longer for a chain; what was read by then is handed on as partial. */
const BUDGET_MS = 10_000;
const TIMEOUT = '3s';
/** Pages of one read see the same data; closed as soon as the read ends. */
const KEEP_ALIVE = '1m';

export type SearchContext = {
  client: Client;
  /** Index patterns, comma separated. */
  index: string;
  signal?: AbortSignal;
  onPage?: () => void;
};

export type BoundedSearch = {
  search: Search;
  /** Several searches in one request, answered in their order. */
  searchAll: (bodies: estypes.SearchRequest[]) => Promise<SearchAnswer[]>;
  /** Runs `body` with a point in time, which is closed whatever happens; null once the bounds are reached. */
  atOneTime: <Result>(body: (search: Search) => Promise<Result>) => Promise<Result | null>;
  notes: () => ChainNote[];
};

const NOTHING: SearchAnswer = { hits: [], aggregations: undefined };
type Answer = Pick<
  estypes.SearchResponse,
  'timed_out' | '_shards' | '_clusters' | 'hits' | 'aggregations'
>;

/**
 * Searches of one read: counted together, each heartbeating and cancellable. Beyond the bounds every search answers
 * nothing, so that a read ends with what it has; `notes` says why it can be incomplete.
 */
export function createSearch({ client, index, signal, onPage }: SearchContext): BoundedSearch {
  const notes = new Map<ChainNote['reason'], string>();
  const began = Date.now();
  let requests = 0;
  const where = { index, ignore_unavailable: true, allow_no_indices: true };
  const common = { track_total_hits: false, timeout: TIMEOUT };
  const mayAsk = (): boolean => {
    if (requests >= MAX_REQUESTS) {
      notes.set('requests', `${index}: not all was read in ${MAX_REQUESTS} requests`);
    } else if (Date.now() - began > BUDGET_MS) {
      notes.set('budget', `${index}: not all was read in ${BUDGET_MS / 1000} s`);
    } else {
      requests += 1;
      onPage?.();
      return true;
    }
    return false;
  };
  const noted = (answer: Answer): SearchAnswer => {
    for (const { reason, detail } of faultsOf(answer)) notes.set(reason, `${index}: ${detail}`);
    return answerOf(answer);
  };
  const search: Search = async (body) => {
    if (!mayAsk()) return NOTHING;
    // A point in time knows its indices.
    const request = { ...(body.pit ? {} : where), ...common, ...body };
    const ask = () => client.search(request, { signal });
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
      const { responses } = await fromElasticsearch('elasticsearch', signal, () =>
        client.msearch({ searches: searches }, { signal }),
      );
      return responses.map((each) => {
        if (!('error' in each)) return noted(each);
        notes.set('shards', `${index}: ${each.error.reason ?? each.error.type}`);
        return NOTHING;
      });
    },
    async atOneTime(body) {
      if (!mayAsk()) return null;
      // Not cancelled in flight: a point in time whose id nobody heard stays open.
      const { id } = await fromElasticsearch('elasticsearch', signal, () =>
        client.openPointInTime({ index, keep_alive: KEEP_ALIVE, ignore_unavailable: true }),
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

/** Why an answer can be incomplete. */
function faultsOf({ timed_out, _shards: shards, _clusters: clusters }: Answer): ChainNote[] {
  const notes: ChainNote[] = [];
  if (timed_out) notes.push({ reason: 'timeout', detail: `a search ended after ${TIMEOUT}` });
  if (shards.failed > 0) {
    notes.push({ reason: 'shards', detail: `${shards.failed} of ${shards.total} shards failed` });
  }
  const absent = (clusters?.skipped ?? 0) + (clusters?.partial ?? 0) + (clusters?.failed ?? 0);
  if (absent > 0) {
    notes.push({
      reason: 'remote',
      detail: `${absent} of ${clusters?.total ?? 0} clusters did not answer whole`,
    });
  }
  return notes;
}

const answerOf = ({ hits, aggregations }: Answer): SearchAnswer => ({
  hits: hits.hits.map((hit) => ({
    index: hit._index,
    fields: (hit.fields ?? {}) as Record<string, unknown[]>,
    source: hit._source,
    sort: (hit.sort ?? []) as unknown[],
  })),
  aggregations,
});
