import { errors, type Client } from '@elastic/elasticsearch';
import { fromElasticsearch } from '../elasticsearch/elasticsearch';
import { writeOnceIndex } from '../elasticsearch/write-once-index';
import type { Blobs } from './blobs';

/** Stored, not indexed; `at` is for those who delete old ones. */
const MAPPING = {
  dynamic: false,
  properties: { at: { type: 'date' }, bytes: { type: 'binary' } },
} as const;

/** One document a payload, by its digest: writing it again changes nothing. */
export function elasticsearchBlobs(client: Client, index: string): Blobs {
  const blobs = writeOnceIndex(client, index, MAPPING);
  const run = <Result>(body: () => Promise<Result>) =>
    fromElasticsearch('issue-store', undefined, body);
  return {
    write: (id, bytes) =>
      run(async () => {
        await blobs.create(id, {
          at: new Date().toISOString(),
          bytes: Buffer.from(bytes).toString('base64'),
        });
      }),
    read: (id) =>
      run(async () => {
        try {
          const { _source } = await client.get<{ bytes: string }>({ index, id });
          return Buffer.from(_source?.bytes ?? '', 'base64');
        } catch (error) {
          if (error instanceof errors.ResponseError && error.statusCode === 404) return null;
          throw error;
        }
      }),
  };
}
