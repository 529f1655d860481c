import type { Client } from '@elastic/elasticsearch';
import { createElasticsearch } from '../adapters/elasticsearch/elasticsearch';
import { createIssueStore, type IssueStore } from '../adapters/issue-store/issue-store';
import { writeMessage } from '../adapters/terminal/output';
import type { Config } from '../config/config';
import { sealingOf } from '../config/seal-variables';

const DEFAULT_ISSUE_DIR = 'file:.release-prep/issues';

/** Credentials of Elasticsearch, for any of its URLs. */
export const elasticsearchOf = (config: Config, url: string) =>
  createElasticsearch({
    url,
    apiKey: config.ELASTICSEARCH_API_KEY,
    username: config.ELASTICSEARCH_USERNAME,
    password: config.ELASTICSEARCH_PASSWORD,
    caFile: config.ELASTICSEARCH_CA_FILE,
  });

/** Where issues are recorded and read; commands that read one need no other adapter. */
export function issueStoreOf(config: Config): IssueStore {
  const sealing = sealingOf(config);
  const onUnsealed = (message: string) => writeMessage(`${message}\n`);
  return createIssueStore({
    ...issueStoreOptionsOf(config),
    sealing: sealing && { ...sealing, onUnsealed },
  });
}

/** Where issues are stored; without `client` in files. */
export function issueStoreOptionsOf(config: Config): {
  url: string;
  client?: Client;
  index: string;
} {
  const url = config.ISSUE_STORE_URL ?? config.ELASTICSEARCH_URL ?? DEFAULT_ISSUE_DIR;
  return {
    url,
    client: url.startsWith('file:') ? undefined : elasticsearchOf(config, url),
    index: config.ISSUE_INDEX,
  };
}
