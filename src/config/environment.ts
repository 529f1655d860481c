import { z } from 'zod';
import { SCHEMA_IDS } from '../adapters/topology/schemas/topology-schema';
import { ENCRYPTION_VARIABLES } from './encryption';
import {
  CollectorUrl,
  commaSeparated,
  folders,
  hostPort,
  HttpOrFileUrl,
  HttpUrl,
  jsonObject,
  seconds,
  whole,
  window,
} from './variable-types';
import { SEAL_VARIABLES } from './seal-variables';
import { NOTICE_VARIABLES, SERVE_VARIABLES } from './serve-variables';
import { logFields } from './log-fields';
import { ADMISSION_VARIABLES, WORKER_VARIABLES } from './worker-variables';

const text = z.string();

const RELEASE_SYSTEM_VARIABLES = {
  RELEASE_SYSTEM_URL: HttpOrFileUrl.optional().describe(
    'Where hosts and versions are read: `http(s)://…` ([API](release-system.openapi.yaml)) or `file:PATH` ([hosts file](hosts-file.md)). A worker needs it.',
  ),
  RELEASE_SYSTEM_TOKEN: text.optional().describe('Bearer token of the release system.'),
};

const PROMETHEUS_VARIABLES = {
  PROMETHEUS_URL: HttpUrl.optional().describe(
    'Metric catalogue and history. The URL may have a path and basic auth. A worker needs it. For a private CA set `NODE_EXTRA_CA_CERTS`.',
  ),
  PROMETHEUS_TOKEN: text.optional().describe('Bearer token.'),
  PROMETHEUS_USERNAME: text.optional().describe('User name for basic auth, instead of the token.'),
  PROMETHEUS_PASSWORD: text.optional().describe('Password for basic auth.'),
  PROMETHEUS_TENANT: text
    .optional()
    .describe('Tenant of Mimir or Cortex, sent as `X-Scope-OrgID`.'),
  PROMETHEUS_SERVICE_LABELS: commaSeparated('service,service_name,job,app').describe(
    'Labels that name a service, tried in order.',
  ),
  PROMETHEUS_HOST_LABELS: commaSeparated('instance,host,hostname,node,nodename').describe(
    'Labels that name a host by id or address, with or without port and domain, tried in order. Used for machine metrics of fleets up to 100 hosts.',
  ),
};

const ELASTICSEARCH_VARIABLES = {
  ELASTICSEARCH_URL: HttpUrl.optional().describe(
    'Elasticsearch 8.19 or 9.x: traces, and the issue store unless `ISSUE_STORE_URL` is set. Roles: [elasticsearch.md](elasticsearch.md).',
  ),
  ELASTICSEARCH_API_KEY: text
    .optional()
    .describe('API key. Use either an API key or a user name and password.'),
  ELASTICSEARCH_USERNAME: text.optional().describe('User name for basic auth.'),
  ELASTICSEARCH_PASSWORD: text.optional().describe('Password for basic auth.'),
  ELASTICSEARCH_CA_FILE: text
    .optional()
    .describe('PEM file with the certificate authority of the cluster.'),
};

const TOPOLOGY_VARIABLES = {
  TOPOLOGY_URL: HttpOrFileUrl.optional().describe(
    'Where the service chain is read: `http(s)://…` or a `file:PATH` of edges. Unset: `ELASTICSEARCH_URL`.',
  ),
  TOPOLOGY_SCHEMA: z
    .enum(['auto', ...SCHEMA_IDS])
    .default('auto')
    .describe('Format of the documents. `auto` detects the format in Elasticsearch.'),
  TOPOLOGY_INDEX_PREFIX: text
    .default('')
    .describe(
      'Prefix of the usual index names. Separate several with commas: `,*:` reads this cluster and all remote clusters.',
    ),
  TOPOLOGY_INDEX: text.optional().describe('Index pattern to use instead of the usual names.'),
  TOPOLOGY_ENVIRONMENT: text
    .optional()
    .describe(
      'Environment, namespace or `ENVIRONMENT/NAMESPACE` whose spans are read (`deployment.environment.name`, `service.environment`, `service.namespace`). Unset: all; a chain that mixes several is `partial`.',
    ),
  TOPOLOGY_LOG_FIELDS: logFields
    .optional()
    .describe(
      'Fields of request logs under names of your own: `trace=FIELD,service=FIELD`, and `time=FIELD` (default `@timestamp`) and `duration=FIELD` (`12ms`, or a number of milliseconds). `trace` is the id of the request or of its trace.',
    ),
  TOPOLOGY_WINDOW: window.describe(
    'Time range that is read: a duration, or an ISO 8601 interval `FROM/TO`. A duration also looks back further for rare edges; an interval is read exactly.',
  ),
};

const MODEL_VARIABLES = {
  OPENAI_API_KEY: text
    .optional()
    .describe('API key. Without a key and a base URL, the only the knowledge base decides.'),
  OPENAI_BASE_URL: HttpUrl.optional().describe(
    'Any OpenAI-compatible server, with `/v1`: [models.md](models.md). Unset: OpenAI.',
  ),
  OPENAI_MODEL: text.default('gpt-4.1-mini').describe('Name of the model.'),
  LLM_MODE: z.enum(['auto', 'off']).default('auto').describe('`off` uses only the knowledge base.'),
  LLM_STRUCTURED_OUTPUT: z
    .enum(['auto', 'json_schema', 'tool', 'json_object', 'text'])
    .default('auto')
    .describe('How the schema of a reply is enforced. `auto` probes the server.'),
  LLM_EXTRA_BODY: jsonObject.describe(
    'JSON object that is added to each request, such as `{"thinking": {"type": "disabled"}}`.',
  ),
  LLM_MAX_TOKENS: whole(60_000, 1_000, 60_000).describe(
    'Tokens that one preparation may use, 1,000 to 60,000.',
  ),
  LLM_MAX_REPLY_TOKENS: whole(2_500, 256, 16_000).describe('Tokens of one reply, 256 to 16,000.'),
  LLM_TIMEOUT: seconds('30s', 60).describe('Time limit of one call, at most `60s`.'),
  MODEL_CACHE_DIR: text
    .default('.release-prep/model')
    .describe('Folder of cached replies and token counts. Share it between workers.'),
};

const STORE_VARIABLES = {
  KNOWLEDGE_DIR: folders.describe(
    'Your knowledge folders, separated by `:`, over the shipped base: [knowledge.md](knowledge.md).',
  ),
  KNOWLEDGE_BASE: z
    .enum(['shipped', 'none'])
    .default('shipped')
    .describe('`none` leaves the shipped knowledge base out.'),
  ISSUE_STORE_URL: HttpOrFileUrl.optional().describe(
    'Where issues are recorded: `http(s)://…` or `file:PATH`. Unset: `ELASTICSEARCH_URL`, else `file:.release-prep/issues`.',
  ),
  ISSUE_INDEX: text
    .default('release-issues')
    .describe('Elasticsearch index of the issues. Large payloads use `…-payloads`.'),
};

const EXECUTOR_VARIABLES = {
  EXECUTOR_WORKFLOW_TYPE: text
    .default('')
    .describe(
      'Type of the workflow that gets the issue when no executor is named. Empty: the issue is recorded but not delivered.',
    ),
  EXECUTOR_TASK_QUEUE: text.default('release-executor').describe('Task queue of the executor.'),
};

const OPERATION_VARIABLES = {
  RELEASE_PREP_TASK_QUEUE: text
    .default('release-prep')
    .describe('Task queue of the workers. Each queue is a separate installation.'),
  LOG_LEVEL: z
    .string()
    .default('INFO')
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']))
    .describe('Lowest level that is logged: TRACE, DEBUG, INFO, WARN or ERROR, in any case.'),
  METRICS_ADDRESS: hostPort.describe('`HOST:PORT` where a worker serves metrics for Prometheus.'),
  HEALTH_ADDRESS: hostPort.describe('`HOST:PORT` of `/livez` and `/readyz`, in JSON.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: CollectorUrl.optional().describe(
    'Collector for spans and metrics by OTLP over HTTP, such as `http://collector:4318` ([details](models.md#traces-and-metrics)).',
  ),
};

/** The environment that the product reads, by subject: docs/configuration.md has a table of each (`npm run docs`). */
export const SECTIONS = {
  'Release system': RELEASE_SYSTEM_VARIABLES,
  Prometheus: PROMETHEUS_VARIABLES,
  Elasticsearch: ELASTICSEARCH_VARIABLES,
  'Service chain': TOPOLOGY_VARIABLES,
  Model: MODEL_VARIABLES,
  'Knowledge base and issue store': STORE_VARIABLES,
  Executor: EXECUTOR_VARIABLES,
  'HTTP API': SERVE_VARIABLES,
  Notices: NOTICE_VARIABLES,
  'Logs, metrics and health': OPERATION_VARIABLES,
  Worker: WORKER_VARIABLES,
  Limits: ADMISSION_VARIABLES,
  Encryption: ENCRYPTION_VARIABLES,
  'Seal of issues': SEAL_VARIABLES,
};

/** One text per variable → typed values. */
export const Environment = z.object({
  ...RELEASE_SYSTEM_VARIABLES,
  ...PROMETHEUS_VARIABLES,
  ...ELASTICSEARCH_VARIABLES,
  ...TOPOLOGY_VARIABLES,
  ...MODEL_VARIABLES,
  ...STORE_VARIABLES,
  ...EXECUTOR_VARIABLES,
  ...SERVE_VARIABLES,
  ...NOTICE_VARIABLES,
  ...OPERATION_VARIABLES,
  ...WORKER_VARIABLES,
  ...ADMISSION_VARIABLES,
  ...ENCRYPTION_VARIABLES,
  ...SEAL_VARIABLES,
});
