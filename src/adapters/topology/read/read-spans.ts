import type { ChainNote } from '../../../domain/service-chain';
import type { Counted, Reading } from '../../../domain/topology/reading';
import type { Span } from '../../../domain/topology/span';
import type { BoundedSearch } from '../search/bounded-search';
import { readTraces } from './traces/fetch-traces';
import { followTraces, type Follow } from './traces/follow-links';
import { findNeighbours } from './traces/neighbours';
import { otherHalves } from './traces/trace-halves';
import type { Variant } from '../search/field-names';
import { rangeOf } from '../search/range-query';
import { sampleTraces } from './traces/sample-traces';
import type { Range, SpanSchema } from '../schemas/topology-schema';

/** Traces through the service. Measured: 23 stratified ones showed all edges of the demo's checkout. */
const MAX_TRACES = 300;
/** Traces from before the window are read only for rare edges. */
const MAX_EARLIER_TRACES = 60;
/** About 0.7 kB each in memory, 28 MB in total: 300 traces of 130 spans. */
const MAX_SPANS = 40_000;
/** With three schemas and two look-backs a chain stays below 140,000 spans, about 100 MB. */
const MAX_EARLIER_SPANS = 8_000;
/** A message that causes a message: a release hardly affects services further away, and each step costs requests. */
const MAX_LINK_HOPS = 2;
/** Spans of a sampled trace may begin before or end after the window, by the clock of another time zone. */
export const PAD_MS = 14 * 3_600_000;
/** Traces that are read only to show a neighbour that no sampled trace shows. */
const MAX_NEIGHBOUR_TRACES = 60;

type Read = { search: BoundedSearch; schema: SpanSchema; variants: readonly Variant[] };
type SpanReading = Reading & { kind: 'spans' };

/** Samples traces through the service, then reads them and the traces that links and topics lead to. */
export async function readSpans(
  { search, schema, variants }: Read,
  service: string,
  range: Range,
  earlier = false,
): Promise<{ reading: SpanReading; notes: ChainNote[] }> {
  const mostTraces = earlier ? MAX_EARLIER_TRACES : MAX_TRACES;
  const mostSpans = earlier ? MAX_EARLIER_SPANS : MAX_SPANS;
  const { ids, total } = await sampleTraces(search, schema, variants, service, range, mostTraces);
  const padded = rangeOf(schema, { from: range.from - PAD_MS, to: range.to + PAD_MS });
  const linkHops = earlier ? 1 : MAX_LINK_HOPS;
  const follow = { schema, variants, padded, range, mostTraces, mostSpans, linkHops };
  const found =
    ids.length === 0 ? null : await search.atOneTime((at) => followTraces(at, follow, ids));
  const { whole, cut } = found ?? { whole: 0, cut: false };
  const spans = found?.spans ?? [];
  spans.push(...(await otherHalves(search, follow, spans)));
  // If one trace is larger than the limit, the part that was read is used.
  const sampled = spans.length > 0 ? Math.max(1, whole) : 0;
  const near =
    sampled === 0 || sampled >= total || earlier
      ? null
      : await withNeighbours(search, follow, { service, range, spans });
  const reading: SpanReading = {
    schema: schema.id,
    earlier,
    traces: { sampled, total },
    kind: 'spans',
    spans: near?.spans ?? spans,
    sample: ids.slice(0, sampled),
    ...(near !== null && { counted: near.counted }),
  };
  const more: ChainNote = {
    reason: 'spans',
    detail: `${schema.id}: ${whole} of ${ids.length} sampled traces were read: there is room for ${mostSpans} spans`,
  };
  const notes = [...search.notes(), ...(cut ? [more] : [])];
  if (!earlier && sampled > 0 && sampled < total)
    notes.push({ reason: 'traces', detail: sampleWords(schema.id, sampled, total, near?.floor) });
  return { reading, notes };
}

/** What it means that not every trace was read. */
function sampleWords(
  id: string,
  sampled: number,
  total: number,
  floor: number | undefined,
): string {
  const read = `${id}: ${sampled} of about ${total} traces were read, so counts are estimates`;
  if (floor === undefined) return `${read}, and rare callers and callees can be missing`;
  const near =
    floor === 1
      ? 'every direct caller and callee was looked for in all of them'
      : `direct callers and callees with fewer than about ${floor} calls can be missing`;
  return `${read}; ${near}; of what lies behind them, rare calls can be missing`;
}

async function withNeighbours(
  search: BoundedSearch,
  follow: Follow,
  about: { service: string; range: Range; spans: readonly Span[] },
): Promise<{ spans: Span[]; counted: readonly Counted[]; floor: number } | null> {
  const near = await findNeighbours(search, follow, about);
  if (near === null) return null;
  const read = new Set(about.spans.map(({ trace }) => trace));
  const ids = near.traces.filter((id) => !read.has(id)).slice(0, MAX_NEIGHBOUR_TRACES);
  const room = follow.mostSpans - about.spans.length;
  const more =
    ids.length === 0 ? null : await search.atOneTime((at) => readTraces(at, follow, ids, room));
  return { ...near, spans: [...about.spans, ...(more?.spans ?? [])] };
}
