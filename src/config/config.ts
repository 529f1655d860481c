import { z } from 'zod';
import { hideSecrets } from '../adapters/redaction';
import { SCHEMA_IDS } from '../adapters/topology/topology-schema';
import {
  CollectorUrl,
  commaSeparated,
  hostPort,
  HttpOrFileUrl,
  HttpUrl,
  jsonObject,
  seconds,
  whole,
  window,
} from './fields';
import { ENCRYPTION_VARIABLES } from './encryption';
import { secretsIn } from './secrets';
import { parseTemporalAccess, type TemporalAccess } from './temporal';
import { workerVariables } from './worker';

/** The environment that the product reads; an empty variable counts as unset. Documented in README. */
const Environment = z.object({
  RELEASE_SYSTEM_URL: HttpOrFileUrl.optional(),
  RELEASE_SYSTEM_TOKEN: z.string().optional(),
  ELASTICSEARCH_URL: HttpUrl.optional(),
  ELASTICSEARCH_API_KEY: z.string().optional(),
  ELASTICSEARCH_USERNAME: z.string().optional(),
  ELASTICSEARCH_PASSWORD: z.string().optional(),
  ELASTICSEARCH_CA_FILE: z.string().optional(),
  TOPOLOGY_URL: HttpOrFileUrl.optional(),
  TOPOLOGY_SCHEMA: z.enum(['auto', ...SCHEMA_IDS]).default('auto'),
  TOPOLOGY_INDEX_PREFIX: z.string().default(''),
  TOPOLOGY_INDEX: z.string().optional(),
  TOPOLOGY_WINDOW: window,
  PROMETHEUS_URL: HttpUrl.optional(),
  PROMETHEUS_TOKEN: z.string().optional(),
  PROMETHEUS_USERNAME: z.string().optional(),
  PROMETHEUS_PASSWORD: z.string().optional(),
  PROMETHEUS_TENANT: z.string().optional(),
  PROMETHEUS_SERVICE_LABELS: commaSeparated('service,service_name,job,app'),
  PROMETHEUS_HOST_LABELS: commaSeparated('instance,host,hostname,node,nodename'),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: HttpUrl.optional(),
  OPENAI_MODEL: z.string().default('gpt-4.1-mini'),
  LLM_MODE: z.enum(['auto', 'off']).default('auto'),
  LLM_STRUCTURED_OUTPUT: z
    .enum(['auto', 'json_schema', 'tool', 'json_object', 'text'])
    .default('auto'),
  LLM_TIMEOUT: seconds('30s', 60),
  LLM_MAX_TOKENS: whole(60_000, 1_000, 60_000),
  LLM_MAX_REPLY_TOKENS: whole(2_500, 256, 16_000),
  LLM_EXTRA_BODY: jsonObject,
  MODEL_CACHE_DIR: z.string().default('.release-prep/model'),
  KNOWLEDGE_DIR: z.string().default('knowledge'),
  ISSUE_STORE_URL: HttpOrFileUrl.optional(),
  ISSUE_INDEX: z.string().default('release-issues'),
  EXECUTOR_WORKFLOW_TYPE: z.string().default(''),
  EXECUTOR_TASK_QUEUE: z.string().default('release-executor'),
  RELEASE_PREP_TASK_QUEUE: z.string().default('release-prep'),
  LOG_LEVEL: z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  METRICS_ADDRESS: hostPort,
  OTEL_EXPORTER_OTLP_ENDPOINT: CollectorUrl.optional(),
  ...ENCRYPTION_VARIABLES,
  ...workerVariables,
});
export type Config = z.infer<typeof Environment>;

/** Every variable that is read, for those who check what is set elsewhere (deploy/). */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

/** Thrown by parseConfig; `errors` has every fault of the environment, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly errors: string[];
  constructor(errors: string[]) {
    super(
      `the configuration has ${errors.length} error(s):\n${errors.map((e) => `  ${e}`).join('\n')}`,
    );
    this.errors = errors;
  }
}

/** Environment → Config. Throws ConfigError with every fault. */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(set);
  const errors = parsed.success
    ? contradictionsIn(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (!parsed.success || errors.length > 0) throw new ConfigError(errors);
  return parsed.data;
}

/** The environment of this process; from here on its credentials are hidden in errors and logs. */
export function loadConfig(): Config {
  hideSecrets(secretsIn(process.env));
  return parseConfig(process.env);
}

/** Where Temporal is, by its own variables and profiles; every fault of those is one ConfigError. */
export function loadTemporalAccess(): TemporalAccess {
  const parsed = parseTemporalAccess(process.env);
  if (!parsed.ok) throw new ConfigError(parsed.errors);
  return parsed.access;
}

function contradictionsIn(config: Config): string[] {
  const errors: string[] = [];
  if (config.ELASTICSEARCH_API_KEY && config.ELASTICSEARCH_USERNAME) {
    errors.push('ELASTICSEARCH_API_KEY: give either an API key or a username and password');
  }
  if (Boolean(config.ELASTICSEARCH_USERNAME) !== Boolean(config.ELASTICSEARCH_PASSWORD)) {
    errors.push('ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD: give both');
  }
  if (Boolean(config.PROMETHEUS_USERNAME) !== Boolean(config.PROMETHEUS_PASSWORD)) {
    errors.push('PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD: give both');
  }
  if (config.PROMETHEUS_TOKEN && config.PROMETHEUS_USERNAME) {
    errors.push('PROMETHEUS_TOKEN: give either a token or a username and password');
  }
  if (config.PAYLOAD_ENCRYPTION_KEYS && config.PAYLOAD_ENCRYPTION_KEYS_FILE) {
    errors.push('PAYLOAD_ENCRYPTION_KEYS: give either the keys or PAYLOAD_ENCRYPTION_KEYS_FILE');
  }
  return errors;
}

/** How Prometheus is reached. */
export const prometheusAccessOf = (config: Config) => ({
  url: config.PROMETHEUS_URL ?? '',
  token: config.PROMETHEUS_TOKEN,
  username: config.PROMETHEUS_USERNAME,
  password: config.PROMETHEUS_PASSWORD,
  tenant: config.PROMETHEUS_TENANT,
});

/** What a worker cannot do without, as errors that say how to mend it. */
export function missingUpstreams(config: Config): string[] {
  const missing: string[] = [];
  if (!config.RELEASE_SYSTEM_URL) {
    missing.push(
      'RELEASE_SYSTEM_URL: not set; give the address of the release system, or file:PATH',
    );
  }
  if (!config.PROMETHEUS_URL)
    missing.push('PROMETHEUS_URL: not set; give the address of Prometheus');
  return missing;
}
