import type { Client } from '@elastic/elasticsearch';
import { assertReadable, patternsWithout, versionOf } from '../../elasticsearch/access-checks';
import { createBounds } from '../search/read-bounds';
import { patternsOf, presentSchemas, schemasFor, type DetectOptions } from './schema-candidates';
import type { SchemaId } from '../schemas/topology-schema';

/** The topologies on a server, independent of any service (`release-prep doctor`). */
export type Survey = {
  /** Null where the user may not see it. */
  version: string | null;
  /** Schemas whose fields exist in the readable indices; which one holds a service depends on the service. */
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
