import { createChainCache } from '../activities/runtime/chain-cache';
import type { Deps } from '../activities/runtime/activity-deps';
import { readCa } from '../adapters/elasticsearch/elasticsearch';
import type { FairLimit } from '../adapters/limits/fair-limit';
import { loadKnowledge } from '../adapters/knowledge/knowledge';
import { createModel } from '../adapters/model/model';
import type { Model } from '../adapters/model/model-request';
import { createPrometheus } from '../adapters/prometheus/prometheus';
import { createHostActions } from '../adapters/release-system/host-actions';
import { createReleaseSystem } from '../adapters/release-system/release-system';
import { createTopology, type Topology, type TopologyOptions } from '../adapters/topology/topology';
import { createWebhook } from '../adapters/webhook/webhook';
import {
  ConfigError,
  knowledgeSourceOf,
  missingUpstreams,
  prometheusAccessOf,
  type Config,
  type NeededUpstream,
} from '../config/config';
import type { Knowledge } from '../domain/knowledge/knowledge';
import { elasticsearchOf, issueStoreOf } from './create-issue-store';
import { limitedTopology, limitsOf } from './upstream-limits';

/** What activities use, without Temporal itself, which only the delivery calls. */
export type Upstreams = Omit<Deps, 'client' | 'releaseLock' | 'gate'>;

/**
 * Config → the adapters that activities use. Missing upstreams (those of a worker, unless others are named) and a broken
 * knowledge base are one ConfigError.
 */
export async function buildDeps(
  config: Config,
  needed?: readonly NeededUpstream[],
): Promise<Upstreams> {
  const missing = missingUpstreams(config, needed);
  const knowledge = await loadKnowledge(knowledgeSourceOf(config));
  const faults = knowledge.ok
    ? []
    : knowledge.errors.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const errors = [...missing, ...authorityFaults(config), ...faults];
  if (errors.length > 0 || !knowledge.ok) throw new ConfigError(errors);
  return depsOf(config, knowledge.knowledge);
}

/** Whether the file of the private authority can be used; reported with all other faults of the start. */
function authorityFaults({ ELASTICSEARCH_CA_FILE: file }: Config): string[] {
  if (file === undefined) return [];
  try {
    readCa(file);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function depsOf(config: Config, knowledge: Knowledge): Upstreams {
  const limits = limitsOf(config);
  const releaseSystem = {
    url: config.RELEASE_SYSTEM_URL ?? '',
    token: config.RELEASE_SYSTEM_TOKEN,
    limit: limits['release-system'],
  };
  return {
    releaseSystem: createReleaseSystem(releaseSystem),
    hostActions: createHostActions(releaseSystem),
    topology: limitedTopology(topologyOf(config), limits.elasticsearch),
    chainCache: createChainCache(),
    prometheus: createPrometheus({ ...prometheusAccessOf(config), limit: limits.prometheus }),
    prometheusServiceLabels: config.PROMETHEUS_SERVICE_LABELS,
    prometheusHostLabels: config.PROMETHEUS_HOST_LABELS,
    model: modelOf(config, limits.model),
    issueStore: issueStoreOf(config),
    knowledge,
    ...(config.WEBHOOK_URL !== undefined && {
      webhook: createWebhook({ url: config.WEBHOOK_URL, secret: config.WEBHOOK_SECRET }),
    }),
    executor: {
      workflowType: config.EXECUTOR_WORKFLOW_TYPE,
      taskQueue: config.EXECUTOR_TASK_QUEUE,
    },
  };
}

/** Undefined when neither Elasticsearch nor a topology file is configured; without `client` it is a file. */
export function topologyOptionsOf(config: Config): TopologyOptions | undefined {
  const url = config.TOPOLOGY_URL ?? config.ELASTICSEARCH_URL;
  if (url === undefined) return undefined;
  return {
    url,
    client: url.startsWith('file:') ? undefined : elasticsearchOf(config, url),
    schema: config.TOPOLOGY_SCHEMA,
    indexPrefix: config.TOPOLOGY_INDEX_PREFIX,
    index: config.TOPOLOGY_INDEX,
    environment: config.TOPOLOGY_ENVIRONMENT,
    logFields: config.TOPOLOGY_LOG_FIELDS,
    window: config.TOPOLOGY_WINDOW,
  };
}

export function topologyOf(config: Config): Topology | undefined {
  const options = topologyOptionsOf(config);
  return options === undefined ? undefined : createTopology(options);
}

/** Undefined with `LLM_MODE=off`, or with neither a key nor a base URL. */
export function modelOf(config: Config, limit?: FairLimit): Model | undefined {
  const configured = config.OPENAI_API_KEY !== undefined || config.OPENAI_BASE_URL !== undefined;
  if (config.LLM_MODE === 'off' || !configured) return undefined;
  return createModel({
    apiKey: config.OPENAI_API_KEY,
    baseUrl: config.OPENAI_BASE_URL,
    model: config.OPENAI_MODEL,
    timeoutMs: config.LLM_TIMEOUT,
    runTokens: config.LLM_MAX_TOKENS,
    maxReplyTokens: config.LLM_MAX_REPLY_TOKENS,
    structuredOutput:
      config.LLM_STRUCTURED_OUTPUT === 'auto' ? undefined : config.LLM_STRUCTURED_OUTPUT,
    extraBody: config.LLM_EXTRA_BODY,
    cacheDir: config.MODEL_CACHE_DIR,
    limit,
  });
}
