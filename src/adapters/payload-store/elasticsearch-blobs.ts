import { errors, type Client } from '@elastic/elasticsearch';
import { fromElasticsearch } from '../elasticsearch/elasticsearch';
import type { Blobs } from './blobs';

/** Stored, not indexed; `at` is for those who delete old ones. */
const MAPPING = {
  dynamic: false,
  properties: { at: { type: 'date' }, bytes: { type: 'binary' } },
} as const;

/** One document a payload, by its digest: writing it again changes nothing. */
export function elasticsearchBlobs(client: Client, index: string): Blobs {
  let ready: Promise<unknown> | undefined;
  const run = <Result>(body: () => Promise<Result>) =>
    fromElasticsearch('issue-store', undefined, body);
  const ensureIndex = () =>
    client.indices.create({ index, mappings: MAPPING }).catch((error: unknown) => {
      if (error instanceof errors.ResponseError && /already_exists/.test(error.message)) return;
      ready = undefined;
      throw error;
    });
  return {
    write: (id, bytes) =>
      run(async () => {
        await (ready ??= ensureIndex());
        const document = {
          at: new Date().toISOString(),
          bytes: Buffer.from(bytes).toString('base64'),
        };
        try {
          await client.create({ index, id, document });
        } catch (error) {
          if (!(error instanceof errors.ResponseError && error.statusCode === 409)) throw error;
        }
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
