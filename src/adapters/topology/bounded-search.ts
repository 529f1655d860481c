import type { Client, estypes } from '@elastic/elasticsearch';
import type { ChainNote } from '../../domain/service-chain';
import { fromElasticsearch } from '../elasticsearch';
import type { Search } from './schema';

/** Enough for every schema's usual read several times over; a read that needs more is cut and says so. */
const MAX_REQUESTS = 40;
const TIMEOUT = '3s';

export type SearchContext = {
  client: Client;
  /** Index patterns, comma separated. */
  index: string;
  signal?: AbortSignal;
  onPage?: () => void;
};

/**
 * Searches of one read: counted together, each heartbeating and cancellable. Beyond the bound every search answers
 * nothing, so that a read ends with what it has; `notes` says why it can be incomplete.
 */
export function createSearch({ client, index, signal, onPage }: SearchContext): {
  search: Search;
  notes: () => ChainNote[];
} {
  const notes = new Map<ChainNote['reason'], string>();
  let requests = 0;
  const ask = (body: estypes.SearchRequest) =>
    fromElasticsearch('elasticsearch', signal, () => {
      // A point in time knows its indices.
      const where = body.pit ? {} : { index, ignore_unavailable: true, allow_no_indices: true };
      return client.search(
        { ...where, track_total_hits: false, timeout: TIMEOUT, ...body },
        { signal },
      );
    });
  return {
    async search(body) {
      if (requests >= MAX_REQUESTS) {
        notes.set('requests', `${index}: not all was read in ${MAX_REQUESTS} requests`);
        return { hits: [], aggregations: undefined };
      }
      requests += 1;
      onPage?.();
      const { timed_out, _shards: shards, hits, aggregations } = await ask(body);
      if (timed_out) notes.set('timeout', `${index}: a search ended after ${TIMEOUT}`);
      if (shards.failed > 0) {
        notes.set('shards', `${index}: ${shards.failed} of ${shards.total} shards failed`);
      }
      return {
        hits: hits.hits.map((hit) => ({
          index: hit._index,
          fields: (hit.fields ?? {}) as Record<string, unknown[]>,
          source: hit._source,
          sort: (hit.sort ?? []) as unknown[],
        })),
        aggregations,
      };
    },
    notes: () => [...notes].map(([reason, detail]) => ({ reason, detail })),
  };
}
