import { parseShape } from '../../upstream/bounded-json';
import type { ChainNote } from '../../../domain/service-chain';
import type { LogEntry, Reading } from '../../../domain/topology/reading';
import type { BoundedSearch } from '../search/bounded-search';
import type { FieldNames } from '../search/field-names';
import { SampledIds } from './sampled-ids';
import { evenly } from './traces/sample-traces';
import type { LogSchema, Query, Range, Resolve, Search } from '../schemas/topology-schema';

/** Enough requests to see each edge of a service with some traffic. */
const MAX_REQUEST_IDS = 150;
/** Ids can be ordered by time: samples come from six slices of the window. */
const SLICES = 6;
/** About 20 MB of responses: bounds the worker's memory, however much one request logs. */
const MAX_LINES = 20_000;
const PAGE = 5_000;
/** Lines of a sampled request may lie before or after the window. */
const PAD_MS = 3_600_000;

type Sample = { ids: string[]; total: number };

/** Samples requests through the service and reads all their lines, in the first format that has the service. */
export async function readLogs(
  search: BoundedSearch,
  formats: readonly LogSchema[],
  { resolve, has }: FieldNames,
  service: string,
  range: Range,
): Promise<{ reading: Reading; notes: ChainNote[] }> {
  let sample: Sample = { ids: [], total: 0 };
  let entries: LogEntry[] = [];
  let cut = false;
  for (const format of formats.filter((each) => each.keywords.every(has))) {
    sample = await sampleRequests(search.search, format, service, range, resolve);
    if (sample.ids.length === 0) continue;
    ({ entries, cut } = await readLines(search, format, sample.ids, range, resolve));
    break;
  }
  const traces = { sampled: sample.ids.length, total: sample.total };
  const more: ChainNote = { reason: 'spans', detail: `only ${MAX_LINES} log lines were read` };
  return {
    reading: { schema: 'logs', earlier: false, traces, kind: 'logs', entries },
    notes: [
      ...search.notes(),
      ...(cut ? [more] : []),
      ...(sample.ids.length < sample.total ? [sampleNote(sample)] : []),
    ],
  };
}

const sampleNote = ({ ids, total }: Sample): ChainNote => ({
  reason: 'traces',
  detail: `logs: ${ids.length} of about ${total} requests were read, so counts are estimates, and rare calls can be missing`,
});

const within = (time: string, from: number, to: number): Query => ({
  range: { [time]: { gte: from, lt: to, format: 'epoch_millis' } },
});

async function sampleRequests(
  search: Search,
  format: LogSchema,
  service: string,
  { from, to }: Range,
  resolve: Resolve,
): Promise<Sample> {
  const width = Math.max(1, Math.ceil((to - from) / SLICES));
  const field = resolve(format.trace);
  const slices: string[][] = [];
  let total = 0;
  for (let start = from; start < to; start += width) {
    const slice = within(format.time, start, Math.min(start + width, to));
    const { aggregations } = await search({
      size: 0,
      query: { bool: { filter: [slice, format.about(service, resolve)] } },
      aggs: {
        total: { cardinality: { field, precision_threshold: 3_000 } },
        ids: {
          terms: { field, size: MAX_REQUEST_IDS, order: { _key: 'desc' } },
        },
      },
    });
    // Without a matching index there is no aggregation at all.
    if (!aggregations) continue;
    const sample = parseShape(SampledIds, aggregations);
    total += sample.total.value;
    slices.push(sample.ids.buckets.map(({ key }) => key));
  }
  const ids = evenly(slices, MAX_REQUEST_IDS);
  return { ids, total: ids.length < MAX_REQUEST_IDS ? ids.length : Math.max(total, ids.length) };
}

/** Page by page at one point in time. */
async function readLines(
  search: BoundedSearch,
  format: LogSchema,
  ids: readonly string[],
  { from, to }: Range,
  resolve: Resolve,
): Promise<{ entries: LogEntry[]; cut: boolean }> {
  const entries: LogEntry[] = [];
  const cut = await search.atOneTime(async (searchAt) => {
    let after: unknown[] | undefined;
    do {
      const { hits } = await searchAt({
        size: PAGE,
        query: {
          bool: {
            filter: [
              within(format.time, from - PAD_MS, to + PAD_MS),
              { terms: { [resolve(format.trace)]: [...ids] } },
            ],
          },
        },
        sort: [{ _shard_doc: 'asc' }],
        _source: format.source,
        ...(after && { search_after: after as string[] }),
      });
      entries.push(...hits.flatMap((hit) => format.toEntry(hit) ?? []));
      after = hits.length === PAGE ? hits.at(-1)?.sort : undefined;
    } while (after !== undefined && entries.length < MAX_LINES);
    return after !== undefined;
  });
  return { entries, cut: cut ?? false };
}
