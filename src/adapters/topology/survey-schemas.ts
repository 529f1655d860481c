import type { Client } from '@elastic/elasticsearch';
import { assertReadable, patternsWithout, versionOf } from '../elasticsearch/access';
import { createBounds } from './search/read-bounds';
import { patternsOf, presentSchemas, schemasFor, type DetectOptions } from './detect-schemas';
import type { SchemaId } from './topology-schema';

/** What a server can tell of topologies before any service is asked for (`release-prep doctor`). */
export type Survey = {
  /** Null where the user may not see it. */
  version: string | null;
  /** Schemas whose fields the readable indices have; which of them holds a service is found when it is asked for. */
  schemas: SchemaId[];
  patterns: string[];
  /** Patterns that the user may not read. */
  unreadable: string[];
};

export async function surveyTopology(options: DetectOptions, client: Client): Promise<Survey> {
  const patterns = patternsOf(options, schemasFor(options)).split(',');
  await assertReadable(client, patterns);
  const [version, schemas, unreadable] = await Promise.all([
    versionOf(client),
    presentSchemas(options, { client, bounds: createBounds() }),
    patternsWithout(client, 'read', patterns),
  ]);
  return { version, schemas, patterns, unreadable };
}
