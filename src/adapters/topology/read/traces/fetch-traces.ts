import type { Span } from '../../../../domain/topology/span';
import type { Variant } from '../../search/field-names';
import { underAnyName } from '../../search/range-query';
import type { Query, Search, SpanSchema } from '../../schemas/topology-schema';

/** About 1 kB per span, and the response is bounded (adapters/elasticsearch/elasticsearch.ts). */
const PAGE = 5_000;
/** The first batch, which shows how large the traces are. */
const FIRST_BATCH = 50;
/** Margin for traces that are larger than those read before. */
const MARGIN = 1.25;

export type TraceSource = { schema: SpanSchema; variants: readonly Variant[]; padded: Query };
/** `whole`: number of traces that were read completely. */
export type TracesRead = { spans: Span[]; whole: number; cut: boolean };

/**
 * Reads complete traces, batch by batch, up to `most` spans. A partial trace would show calls without an answer, so a
 * batch that does not fit is left out. If already the first traces do not fit, the part that was read is kept.
 */
export async function readTraces(
  search: Search,
  source: TraceSource,
  ids: readonly string[],
  most: number,
): Promise<TracesRead> {
  let spans: Span[] = [];
  let whole = 0;
  let size = FIRST_BATCH;
  while (whole < ids.length && size > 0) {
    const batch = ids.slice(whole, whole + size);
    const read = await readBatch(search, source, batch, most - spans.length);
    if (read.cut) return { spans: whole === 0 ? read.spans : spans, whole, cut: true };
    spans = spans.concat(read.spans);
    whole += batch.length;
    size = Math.floor((most - spans.length) / (MARGIN * Math.max(1, spans.length / whole)));
  }
  return { spans, whole, cut: whole < ids.length };
}

/** A hop that knows only 64 bits writes the last half of a trace id of 128 bits, or fills it up with zeros. */
export const formsOf = (id: string): string[] => {
  if (id.length === 16) return [id, id.padStart(32, '0')];
  return id.length === 32 ? [id, id.slice(16)] : [id];
};

/** Page by page; `cut` if not all pages were read. */
async function readBatch(
  search: Search,
  { schema, variants, padded }: TraceSource,
  ids: readonly string[],
  most: number,
): Promise<{ spans: Span[]; cut: boolean }> {
  const ofTraces = underAnyName(variants, (resolve) => ({
    terms: { [resolve(schema.trace)]: ids.flatMap(formsOf) },
  }));
  const spans: Span[] = [];
  let after: unknown[] | undefined;
  do {
    const { hits, refused } = await search({
      size: PAGE,
      query: { bool: { filter: [padded, ofTraces] } },
      sort: [{ _shard_doc: 'asc' }],
      fields: schema.fields,
      _source: schema.source.length > 0 ? schema.source : false,
      ...(after && { search_after: after as string[] }),
    });
    if (refused) return { spans, cut: true };
    for (const hit of hits) {
      const span = schema.toSpan(hit);
      if (span !== null) spans.push(span);
    }
    after = hits.length === PAGE ? hits.at(-1)?.sort : undefined;
  } while (after !== undefined && spans.length <= most);
  return { spans, cut: after !== undefined };
}
