import { checkShape, parseShape } from '../upstream/bounded-json';
import { errors, type Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import { fromElasticsearch } from './elasticsearch';
import { UpstreamError } from '../upstream/upstream-error';

const Privileges = z.object({ index: z.record(z.string(), z.record(z.string(), z.boolean())) });

/** Of `patterns`, those on which the caller lacks a privilege; none where security is off. */
export async function patternsWithout(
  client: Client,
  privilege: 'read' | 'create_doc' | 'create_index',
  patterns: string[],
  signal?: AbortSignal,
): Promise<string[]> {
  // A remote cluster checks its own privileges: it cannot be asked here.
  const local = patterns.filter((pattern) => !pattern.includes(':') && !pattern.startsWith('-'));
  if (local.length === 0) return [];
  return fromElasticsearch('elasticsearch', signal, async () => {
    const index = [{ names: local, privileges: [privilege] }];
    const answer = await client.security.hasPrivileges({ index }, { signal }).catch(unsecured);
    if (answer === null) return [];
    const granted = parseShape(Privileges, answer).index;
    return local.filter((pattern) => granted[pattern]?.[privilege] === false);
  });
}

/** Without security the endpoint does not exist: 400, 404 or 405, depending on the version. */
function unsecured(error: unknown): null {
  if (error instanceof errors.ResponseError && [400, 404, 405].includes(error.statusCode ?? 0))
    return null;
  throw error;
}

/**
 * Throws when none of the patterns may be read. A search silently leaves out forbidden patterns, so an empty result could
 * mean missing permission.
 */
export async function assertReadable(
  client: Client,
  patterns: string[],
  signal?: AbortSignal,
): Promise<void> {
  const without = await patternsWithout(client, 'read', patterns, signal);
  if (without.length === 0 || without.length < patterns.length) return;
  throw new UpstreamError(
    'elasticsearch',
    `the index privilege "read" on ${without.join(', ')} is missing: give the user or API key the role in docs/elasticsearch.md`,
    { status: 403 },
  );
}

const Info = z.object({ version: z.object({ number: z.string() }) });
const Nodes = z.object({ nodes: z.record(z.string(), z.object({ version: z.string() })) });

/** The server's version, or null where the caller may not see it; other errors are thrown. */
export async function versionOf(client: Client, signal?: AbortSignal): Promise<string | null> {
  return fromElasticsearch('elasticsearch', signal, async () => {
    const info: unknown = await client.info({}, { signal }).catch(hidden);
    const known = checkShape(Info, info);
    if (known.success) return known.data.version.number;
    const nodes: unknown = await client.nodes.info({ node_id: '_local' }, { signal }).catch(hidden);
    return Object.values(checkShape(Nodes, nodes).data?.nodes ?? {})[0]?.version ?? null;
  });
}

/** Both requests need the cluster privilege `monitor`, which reading chains does not need. */
function hidden(error: unknown): null {
  if (error instanceof errors.ResponseError && [403, 404, 405].includes(error.statusCode ?? 0))
    return null;
  throw error;
}
