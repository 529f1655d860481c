import { errors, type Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import { fromElasticsearch } from '../../elasticsearch/elasticsearch';
import { parseShape } from '../../upstream/bounded-json';
import { contentOf } from '../seal';
import { MAX_RECORD_BYTES, type RecordBackend, type StoredRecord } from './record-backend';

const MAPPING = {
  dynamic: false,
  properties: {
    issue_id: { type: 'keyword' },
    kind: { type: 'keyword' },
    key: { type: 'keyword' },
    at: { type: 'date' },
    record: { type: 'keyword', index: false, doc_values: false },
  },
} as const;

/** One document a record, written with `op_type=create`, which fails when the id is taken. */
export function elasticsearchRecords(client: Client, index: string): RecordBackend {
  let ready: Promise<unknown> | undefined;
  const run = <Result>(body: () => Promise<Result>) =>
    fromElasticsearch('issue-store', undefined, body);
  const ensureIndex = () =>
    client.indices.create({ index, mappings: MAPPING }).catch((error: unknown) => {
      if (error instanceof errors.ResponseError && /already_exists/.test(error.message)) return;
      ready = undefined;
      throw error;
    });
  const idOf = (kind: string, issueId: string, key: string) => `${issueId}:${kind}:${key}`;
  return {
    create: (kind, issueId, key, content) =>
      run(async () => {
        await (ready ??= ensureIndex());
        const record = JSON.stringify(content);
        const document = { issue_id: issueId, kind, key, at: new Date().toISOString(), record };
        try {
          const id = idOf(kind, issueId, key);
          await client.create({ index, id, document, refresh: 'wait_for' });
          return true;
        } catch (error) {
          if (error instanceof errors.ResponseError && error.statusCode === 409) return false;
          throw error;
        }
      }),
    // By id: a search would not see what was written in this second.
    read: (kind, issueId, keys) =>
      run(async () => {
        if (keys.length === 0) return [];
        const ids = keys.map((key) => idOf(kind, issueId, key));
        const found = parseShape(Got, await client.mget({ index, ids })).docs;
        return found.flatMap((doc, at) =>
          doc.found === true ? [storedIn(keys[at] ?? '', doc._source)] : [],
        );
      }),
    list: (kind, issueId, limit) =>
      run(async () => {
        const answer: unknown = await client.search({
          index,
          ignore_unavailable: true,
          size: limit,
          sort: [{ key: { order: 'asc', unmapped_type: 'keyword' } }],
          query: { bool: { filter: [{ term: { issue_id: issueId } }, { term: { kind } }] } },
        });
        const { hits } = parseShape(Found, answer).hits;
        return hits.map(({ _id, _source }) =>
          storedIn(_id.slice(idOf(kind, issueId, '').length), _source),
        );
      }),
  };
}

const Found = z.object({
  hits: z.object({ hits: z.array(z.object({ _id: z.string(), _source: z.unknown() })) }),
});
const Got = z.object({
  docs: z.array(z.object({ found: z.boolean().optional(), _source: z.unknown() })),
});
const Source = z.object({ record: z.string().max(MAX_RECORD_BYTES) });

/** A document that cannot be read is no record, and must not hide the others. */
function storedIn(key: string, source: unknown): StoredRecord {
  try {
    return { key, content: contentOf(parseShape(Source, source).record, key) };
  } catch {
    return { key, content: null };
  }
}
