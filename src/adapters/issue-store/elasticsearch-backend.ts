import { parseShape } from '../upstream/bounded-json';
import { errors, type Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import { fromElasticsearch } from '../elasticsearch/elasticsearch';
import { writeOnceIndex } from '../elasticsearch/write-once-index';
import type { IssueBackend, StoredDocument } from './backend';
import { contentOf } from './seal';

/** The whole issue is kept as text: Elasticsearch may not reorder or retype what a digest covers. */
const MAPPING = {
  dynamic: false,
  properties: {
    service: { type: 'keyword' },
    candidate: { type: 'keyword' },
    created_at: { type: 'date' },
    digest: { type: 'keyword' },
    issue: { type: 'keyword', index: false, doc_values: false },
  },
} as const;

/** One document an issue, written with `op_type=create`, which fails when the id is taken. */
export function elasticsearchBackend(client: Client, index: string): IssueBackend {
  const issues = writeOnceIndex(client, index, MAPPING);
  const run = <Result>(body: () => Promise<Result>) =>
    fromElasticsearch('issue-store', undefined, body);
  return {
    where: `the index ${index}`,
    create: (issue, seal) =>
      run(() => {
        const { service, candidate, created_at, digest, issue_id: id } = issue;
        const text = JSON.stringify(issue);
        const document = { service, candidate, created_at, digest, issue: text, seal };
        return issues.create(id, document, { refresh: 'wait_for' });
      }),
    read: (id) =>
      run(async () => {
        try {
          const { _source } = parseShape(Document, await client.get({ index, id }));
          return { content: contentOf(_source.issue, id), seal: _source.seal };
        } catch (error) {
          if (error instanceof errors.ResponseError && error.statusCode === 404) return null;
          throw error;
        }
      }),
    list: ({ service, limit }) =>
      run(async () => {
        const answer: unknown = await client.search({
          index,
          ignore_unavailable: true,
          size: limit,
          sort: [{ created_at: { order: 'desc', unmapped_type: 'date' } }],
          query: service === undefined ? { match_all: {} } : { term: { service } },
        });
        return parseShape(Found, answer).hits.hits.map(storedIn);
      }),
    services: (limit) =>
      run(async () => {
        const answer: unknown = await client.search({
          index,
          ignore_unavailable: true,
          size: 0,
          aggs: { services: { terms: { field: 'service', size: limit } } },
        });
        const { aggregations } = parseShape(Services, answer);
        return aggregations?.services?.buckets.map(({ key }) => key) ?? [];
      }),
  };
}

const Document = z.object({
  _id: z.string(),
  _source: z.object({ issue: z.string(), seal: z.unknown().optional() }),
});
const Found = z.object({
  hits: z.object({ hits: z.array(z.object({ _id: z.string(), _source: z.unknown() })) }),
});

/** Without an index there are no aggregations. */
const Services = z.object({
  aggregations: z
    .object({ services: z.object({ buckets: z.array(z.object({ key: z.string() })) }).optional() })
    .optional(),
});

/** An unreadable document is not an issue and must not hide the others. */
function storedIn(hit: { _id: string; _source?: unknown }): StoredDocument {
  const { _id: id } = hit;
  try {
    const { issue, seal } = parseShape(Document, hit)._source;
    return { id, content: contentOf(issue, id), seal };
  } catch {
    return { id, content: null };
  }
}
