import type { ChainNote } from '../../../domain/service-chain';
import type { Reading } from '../../../domain/topology/reading';
import type { BoundedSearch } from '../search/bounded-search';
import { followTraces } from './traces/follow-links';
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
/** Spans of a sampled trace may begin before or end after the window. */
const PAD_MS = 3_600_000;

type Read = { search: BoundedSearch; schema: SpanSchema; variants: readonly Variant[] };

/** Samples traces through the service, then reads them and the traces that links and topics lead to. */
export async function readSpans(
  { search, schema, variants }: Read,
  service: string,
  range: Range,
  earlier = false,
): Promise<{ reading: Reading; notes: ChainNote[] }> {
  const mostTraces = earlier ? MAX_EARLIER_TRACES : MAX_TRACES;
  const mostSpans = earlier ? MAX_EARLIER_SPANS : MAX_SPANS;
  const { ids, total } = await sampleTraces(search, schema, variants, service, range, mostTraces);
  const padded = rangeOf(schema, { from: range.from - PAD_MS, to: range.to + PAD_MS });
  const linkHops = earlier ? 1 : MAX_LINK_HOPS;
  const follow = { schema, variants, padded, range, mostTraces, mostSpans, linkHops };
  const found =
    ids.length === 0 ? null : await search.atOneTime((at) => followTraces(at, follow, ids));
  const { spans, whole, cut } = found ?? { spans: [], whole: 0, cut: false };
  const more: ChainNote = {
    reason: 'spans',
    detail: `${schema.id}: ${whole} of ${ids.length} sampled traces were read: there is room for ${mostSpans} spans`,
  };
  // If one trace is larger than the limit, the part that was read is used.
  const sampled = spans.length > 0 ? Math.max(1, whole) : 0;
  return {
    reading: { schema: schema.id, earlier, traces: { sampled, total }, kind: 'spans', spans },
    notes: cut ? [...search.notes(), more] : search.notes(),
  };
}
