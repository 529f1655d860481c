import type { Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import { fromElasticsearch } from '../../elasticsearch/elasticsearch';
import { writeOnceIndex } from '../../elasticsearch/write-once-index';
import { parseShape } from '../../upstream/bounded-json';
import { UpstreamError } from '../../upstream/upstream-error';
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
  const records = writeOnceIndex(client, index, MAPPING);
  const run = <Result>(body: () => Promise<Result>) =>
    fromElasticsearch('issue-store', undefined, body);
  const idOf = (kind: string, issueId: string, key: string) => `${issueId}:${kind}:${key}`;
  return {
    create: (kind, issueId, key, content) =>
      run(() => {
        const record = JSON.stringify(content);
        const document = { issue_id: issueId, kind, key, at: new Date().toISOString(), record };
        return records.create(idOf(kind, issueId, key), document, { refresh: 'wait_for' });
      }),
    // By id: a search would not see what was written in this second.
    read: (kind, issueId, keys) =>
      run(async () => {
        if (keys.length === 0) return [];
        const ids = keys.map((key) => idOf(kind, issueId, key));
        const { docs } = parseShape(Got, await client.mget({ index, ids }));
        return docs.flatMap(({ found, error, _source }, at) => {
          if (error !== undefined && error.type !== 'index_not_found_exception')
            throw unread(error);
          return found === true ? [storedIn(keys[at] ?? '', _source)] : [];
        });
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
  docs: z.array(
    z.object({
      found: z.boolean().optional(),
      _source: z.unknown().optional(),
      error: z.object({ type: z.string(), reason: z.string().nullish() }).optional(),
    }),
  ),
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

/** A shard that does not answer is no record that is missing: the read is tried again. */
const unread = ({ type, reason }: { type: string; reason?: string | null }): UpstreamError =>
  new UpstreamError('issue-store', `records could not be read: ${type}: ${reason ?? 'no reason'}`);
