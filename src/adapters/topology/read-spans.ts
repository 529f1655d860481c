import type { Client, estypes } from '@elastic/elasticsearch';
import type { ServiceChain } from '../../domain/service-chain';
import type { Span } from '../../steps/service-chain/span';
import { fromElasticsearch } from '../elasticsearch';
import type { SpanSchema } from './schema';

/** Enough traces to see each edge of a service with some traffic; measured: 23 showed all edges of the demo's checkout. */
const MAX_TRACES = 150;
/** About 20 MB of answers: the worker's memory stays bounded whatever one trace holds. */
const MAX_SPANS = 20_000;
const MAX_REQUESTS = 40;
const PAGE = 5_000;
/** Trace ids can be ordered by time: samples come from six slices of the window. */
const SLICES = 6;
/** Spans of a sampled trace may begin before or end after the window. */
const PAD_MS = 3_600_000;
const TIMEOUT = '3s';

export type SpanQuery = {
  client: Client;
  schema: SpanSchema;
  index: string;
  service: string;
  from: number;
  to: number;
  signal?: AbortSignal;
  onPage?: () => void;
};
export type ReadSpans = {
  spans: Span[];
  traces: { sampled: number; total: number };
  truncated: ServiceChain['truncated'];
};

/** Samples traces through the service, then reads those traces and the traces that they link to. */
export async function readSpans(query: SpanQuery): Promise<ReadSpans> {
  const truncated = new Set<ServiceChain['truncated'][number]>();
  const reader = createReader(query, truncated);
  const { ids, total } = await reader.sample();
  if (ids.length < total) truncated.add('sampled');
  const spans = ids.length === 0 ? [] : await reader.read(ids);
  const have = new Set(ids);
  const linked = [...new Set(spans.flatMap((span) => span.links.map((link) => link.trace)))];
  const forward = ids.length === 0 ? [] : await reader.linkedTo(ids);
  const more = [...new Set([...linked, ...forward])]
    .filter((id) => !have.has(id))
    .slice(0, MAX_TRACES);
  if (more.length > 0) spans.push(...(await reader.read(more)));
  return { spans, traces: { sampled: ids.length, total }, truncated: [...truncated] };
}

function createReader(query: SpanQuery, truncated: Set<ServiceChain['truncated'][number]>) {
  const { client, schema, index, signal } = query;
  let requests = 0;
  const search = (body: estypes.SearchRequest) =>
    fromElasticsearch('elasticsearch', signal, async () => {
      requests += 1;
      query.onPage?.();
      const answer = await client.search(
        {
          index,
          ignore_unavailable: true,
          allow_no_indices: true,
          track_total_hits: false,
          timeout: TIMEOUT,
          ...body,
        },
        { signal },
      );
      if (answer.timed_out) truncated.add('timeout');
      if (answer._shards.failed > 0) truncated.add('shards');
      return answer;
    });
  const range = (from: number, to: number): estypes.QueryDslQueryContainer => ({
    range: { [schema.time]: { gte: from, lt: to, format: 'epoch_millis' } },
  });
  const padded = range(query.from - PAD_MS, query.to + PAD_MS);

  return {
    async sample(): Promise<{ ids: string[]; total: number }> {
      const width = Math.ceil((query.to - query.from) / SLICES);
      const ids = new Set<string>();
      let total = 0;
      for (let slice = 0; slice < SLICES; slice += 1) {
        const from = query.from + slice * width;
        const answer = await search({
          size: 0,
          query: {
            bool: {
              filter: [
                range(from, Math.min(from + width, query.to)),
                schema.about(query.service, (field) => field),
              ],
            },
          },
          aggs: {
            total: { cardinality: { field: schema.trace, precision_threshold: 3000 } },
            ids: {
              terms: {
                field: schema.trace,
                size: Math.ceil(MAX_TRACES / SLICES),
                order: { _key: 'desc' },
              },
            },
          },
        });
        const aggs = answer.aggregations as
          { total?: { value: number }; ids?: { buckets: { key: string }[] } } | undefined;
        total += aggs?.total?.value ?? 0;
        for (const bucket of aggs?.ids?.buckets ?? []) ids.add(bucket.key);
      }
      return { ids: [...ids], total: Math.max(total, ids.size) };
    },

    async read(ids: string[]): Promise<Span[]> {
      const spans: Span[] = [];
      let after: estypes.SortResults | undefined;
      do {
        if (requests >= MAX_REQUESTS) {
          truncated.add('requests');
          break;
        }
        const answer = await search({
          size: PAGE,
          query: { bool: { filter: [padded, { terms: { [schema.trace]: ids } }] } },
          sort: [{ [schema.time]: 'asc' }, { span_id: 'asc' }],
          fields: schema.fields,
          _source: schema.source,
          ...(after && { search_after: after }),
        });
        const { hits } = answer.hits;
        for (const hit of hits) {
          const span = schema.toSpan({
            index: hit._index,
            fields: (hit.fields ?? {}) as Record<string, unknown[]>,
            source: hit._source,
          });
          if (span !== null) spans.push(span);
        }
        after = hits.length === PAGE ? hits.at(-1)?.sort : undefined;
        if (spans.length >= MAX_SPANS) {
          truncated.add('spans');
          break;
        }
      } while (after !== undefined);
      return spans;
    },

    /** Traces whose spans link into the sampled ones: consumers of what the service produced. */
    async linkedTo(ids: string[]): Promise<string[]> {
      const answer = await search({
        size: 0,
        query: { bool: { filter: [padded, { terms: { 'links.trace_id': ids } }] } },
        aggs: { ids: { terms: { field: schema.trace, size: MAX_TRACES } } },
      });
      const aggs = answer.aggregations as { ids?: { buckets: { key: string }[] } } | undefined;
      return (aggs?.ids?.buckets ?? []).map((bucket) => bucket.key);
    },
  };
}
