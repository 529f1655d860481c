import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { ChainNote } from '../../../domain/service-chain';
import type { Reading } from '../../../domain/topology/reading';
import type { Candidate } from '../detect/schema-candidates';
import { createSearch } from '../search/bounded-search';
import { rangeOf, underAnyName } from '../search/range-query';
import type { SpanSchema } from '../schemas/topology-schema';
import type { ReadContext, SchemaReading } from './read-detected-schemas';
import { formsOf, readTraces } from './traces/fetch-traces';
import { PAD_MS } from './read-spans';

/** Beside what the first schema showed. */
const MAX_SPANS = 20_000;
const MAX_TRACES = 300;

type SpanReading = Reading & { kind: 'spans' };
type SpanCandidate = Candidate & { schema: SpanSchema };

const Seen = z.object({ seen: z.object({ doc_count: z.number() }) });

/**
 * The traces that were read, in the other schemas: some hops of a trace can report to Elastic APM and others by
 * OpenTelemetry, and each alone shows calls without an answer. One request asks which schemas hold any of them.
 */
export async function readSameTraces(
  present: readonly Candidate[],
  detected: readonly SchemaReading[],
  context: ReadContext,
): Promise<{ readings: Reading[]; notes: ChainNote[] }> {
  const first = detected.map(({ reading }) => reading).find((each) => each.kind === 'spans');
  const others = present.filter(isOfSpans).filter(({ schema }) => schema.id !== first?.schema);
  if (first === undefined || first.spans.length === 0 || others.length === 0)
    return { readings: [], notes: [] };
  const ids = [...new Set(first.sample ?? first.spans.map(({ trace }) => trace))];
  const holding = await holdersOf(others, ids.slice(0, MAX_TRACES), context);
  const readings: Reading[] = [];
  const notes: ChainNote[] = [...holding.notes];
  for (const { candidate, unread } of holding.found.map((each) => ({
    candidate: each,
    unread: unreadBy(each, detected, ids),
  }))) {
    if (unread.length === 0) continue;
    const search = createSearch({ ...context, index: candidate.index });
    const source = sourceOf(candidate, context);
    const read = await search.atOneTime((at) => readTraces(at, source, unread, MAX_SPANS));
    if (read !== null && read.spans.length > 0)
      readings.push(readingOf(candidate.schema.id, first, read.spans));
    notes.push(...search.notes());
  }
  return { readings, notes };
}

const isOfSpans = (candidate: Candidate): candidate is SpanCandidate =>
  candidate.schema.kind === 'spans';

/** Its calls stand for as many as those of the first schema: they are of the same traces. */
const readingOf = (schema: string, first: SpanReading, spans: SpanReading['spans']): Reading => ({
  ...first,
  schema,
  spans,
  sameTraces: true,
  counted: [],
});

/** A schema that was read for the service as well has read a sample of its own. */
function unreadBy(
  { schema }: SpanCandidate,
  detected: readonly SchemaReading[],
  ids: readonly string[],
) {
  const own = detected.find(({ candidate }) => candidate.schema.id === schema.id)?.reading;
  const read = new Set(own?.kind === 'spans' ? own.spans.map(({ trace }) => trace) : []);
  return ids.filter((id) => !read.has(id)).slice(0, MAX_TRACES);
}

const sourceOf = ({ schema, names }: SpanCandidate, { range }: ReadContext) => ({
  schema,
  variants: names.variants,
  padded: rangeOf(schema, { from: range.from - PAD_MS, to: range.to + PAD_MS }),
});

async function holdersOf(
  others: readonly SpanCandidate[],
  ids: readonly string[],
  context: ReadContext,
): Promise<{ found: SpanCandidate[]; notes: ChainNote[] }> {
  const index = [...new Set(others.map((each) => each.index))].join(',');
  const search = createSearch({ ...context, index });
  const answers = await search.searchAll(
    others.map((candidate) => {
      const { schema, variants, padded } = sourceOf(candidate, context);
      const ofTraces = underAnyName(variants, (resolve) => ({
        terms: { [resolve(schema.trace)]: ids.flatMap(formsOf) },
      }));
      return {
        index: candidate.index,
        size: 0,
        query: { bool: { filter: [padded, ofTraces] } },
        aggs: { seen: { filter: { exists: { field: schema.trace } } } },
      };
    }),
  );
  const found = others.filter(
    (_, place) => (checkShape(Seen, answers[place]?.aggregations).data?.seen.doc_count ?? 0) > 0,
  );
  return { found, notes: search.notes() };
}
