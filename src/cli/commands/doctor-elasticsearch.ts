import type { Client } from '@elastic/elasticsearch';
import { patternsWithout } from '../../adapters/elasticsearch/access-checks';
import { filePathOf } from '../../adapters/files/json-file';
import { checkWritable } from '../../adapters/files/writable-folder';
import { surveyTopology } from '../../adapters/topology/detect/doctor-survey';
import { createTopology } from '../../adapters/topology/topology';
import { topologyOptionsOf } from '../../bootstrap/create-deps';
import { issueStoreOf, issueStoreOptionsOf } from '../../bootstrap/create-issue-store';
import type { Config } from '../../config/config';
import { sealingOf } from '../../config/seal-variables';

/** Any name is fine: this only checks whether the file can be read. */
const NOBODY = 'release-prep-doctor';

/** Version, schemas and missing privileges of the Elasticsearch that chains are read from, in one line. */
export async function lookAtChain(config: Config): Promise<string> {
  const options = topologyOptionsOf(config);
  if (options === undefined)
    throw new Error(
      'neither ELASTICSEARCH_URL nor TOPOLOGY_URL is set: risks come without a chain',
    );
  if (options.client === undefined) {
    await createTopology(options).trace({ service: NOBODY, now: new Date() });
    return `${options.url}, readable`;
  }
  const { version, schemas, patterns, unreadable } = await surveyTopology(options, options.client);
  const server = `Elasticsearch ${version ?? '(version hidden: it needs the privilege monitor)'}`;
  const found =
    schemas.length > 0 ? `fields of ${schemas.join(', ')}` : `no spans in ${patterns.join(',')}`;
  const hidden = unreadable.length > 0 ? `; no privilege "read" on ${unreadable.join(', ')}` : '';
  return `${server}, ${found}${hidden}`;
}

/** Whether issues can be read, created and, where the index is absent, given one. */
export async function lookAtIssues(config: Config): Promise<string> {
  const { url, client, index } = issueStoreOptionsOf(config);
  if (client === undefined)
    await checkWritable(filePathOf(url)).catch((error: Error) => {
      throw new Error(`this user cannot write issues: ${error.message}`);
    });
  const issues = await issueStoreOf(config).list({ limit: 1 });
  const missing = client === undefined ? [] : await missingOn(client, index);
  if (missing.length > 0)
    throw new Error(
      `the index privileges ${missing.join(', ')} on ${index} and ${index}-payloads are missing: see docs/elasticsearch.md`,
    );
  const [key] = sealingOf(config)?.keys ?? [];
  const seal = key === undefined ? 'not sealed' : `sealed with key ${key.id}`;
  return `readable, ${issues.length > 0 ? 'with issues' : 'no issue yet'}; issues ${seal}`;
}

async function missingOn(client: Client, index: string): Promise<string[]> {
  const missing: string[] = [];
  for (const privilege of ['read', 'create_doc', 'create_index'] as const) {
    if ((await patternsWithout(client, privilege, [index, `${index}-payloads`])).length > 0)
      missing.push(privilege);
  }
  return missing;
}
