import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { ExitSample } from './apm-destinations';
import { allBuckets } from '../search/composite-buckets';
import type { Range, Search } from './topology-schema';

/** Some calls have no answering transaction; of five samples, at least one nearly always has. */
const SAMPLES = 5;
/** Elasticsearch returns at most 10,000 hits; a message with several consumers has several. */
const IDS_A_REQUEST = 2_000;
const MAX_HITS = 10_000;
/** The callee's clock may differ, and the trace may end after the window. */
const PAD_MS = 3_600_000;

type Fields = { service: string; resource: string; name: string; parent: string };

const Sampled = z.object({
  trace: z.object({ id: z.string() }).optional(),
  span: z.object({ id: z.string(), type: z.string().optional() }),
});
const Bucket = z.object({
  key: z.object({ service: z.string(), resource: z.string(), name: z.string().nullable() }),
  samples: z.object({ hits: z.object({ hits: z.array(z.object({ _source: z.unknown() })) }) }),
});
const Answering = z.object({
  parent: z.object({ id: z.string() }),
  service: z.object({ name: z.string() }),
});

/** A few exit spans of each service, resource and span name, with the services whose transactions answered them. */
export async function readExits(
  search: Search,
  range: Range,
  fields: Fields,
): Promise<ExitSample[]> {
  const buckets = await allBuckets(search, Bucket, {
    query: {
      bool: {
        filter: [
          { range: { '@timestamp': { gte: range.from, lt: range.to, format: 'epoch_millis' } } },
          { term: { 'processor.event': 'span' } },
          { exists: { field: 'span.destination.service.resource' } },
        ],
      },
    },
    sources: { service: fields.service, resource: fields.resource, name: fields.name },
    optional: ['name'],
    aggs: { samples: { top_hits: { size: SAMPLES, _source: ['span.id', 'span.type'] } } },
  });
  const exits = buckets.flatMap(({ key, samples }) =>
    samples.hits.hits.flatMap(({ _source }) => {
      const parsed = checkShape(Sampled, _source);
      if (!parsed.success) return [];
      const { id, type = null } = parsed.data.span;
      return [{ ...key, id, type }];
    }),
  );
  const answers = await readAnswers(search, range, fields.parent, [
    ...new Set(exits.map(({ id }) => id)),
  ]);
  return exits.map(({ id, ...exit }) => ({ ...exit, callees: [...(answers.get(id) ?? [])] }));
}

/** Exit span id → the services whose transactions have it as their parent. */
async function readAnswers(
  search: Search,
  range: Range,
  parentField: string,
  ids: readonly string[],
): Promise<Map<string, Set<string>>> {
  const answers = new Map<string, Set<string>>();
  const padded = { gte: range.from - PAD_MS, lt: range.to + PAD_MS, format: 'epoch_millis' };
  for (let start = 0; start < ids.length; start += IDS_A_REQUEST) {
    const { hits } = await search({
      size: MAX_HITS,
      query: {
        bool: {
          filter: [
            { range: { '@timestamp': padded } },
            { term: { 'processor.event': 'transaction' } },
            { terms: { [parentField]: ids.slice(start, start + IDS_A_REQUEST) } },
          ],
        },
      },
      _source: ['parent.id', 'service.name'],
    });
    for (const { source } of hits) {
      const parsed = checkShape(Answering, source);
      if (!parsed.success) continue;
      const { parent, service } = parsed.data;
      answers.set(parent.id, (answers.get(parent.id) ?? new Set()).add(service.name));
    }
  }
  return answers;
}
