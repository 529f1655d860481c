import { z } from 'zod';
import { hideSecrets } from './adapters/redaction';
import { SCHEMA_IDS } from './adapters/topology/schema';
import { ENCRYPTION_VARIABLES } from './config/encryption';
import { secretsIn } from './config/secrets';
import { parseTemporalAccess, type TemporalAccess } from './config/temporal';

const Url = z.string().refine((text) => URL.canParse(text), 'must be a URL');
const HttpUrl = Url.refine((text) => /^https?:/.test(text), 'must start with http:// or https://');
const HttpOrFileUrl = Url.refine(
  (text) => /^(https?|file):/.test(text),
  'must start with http://, https:// or file:',
);
const commaSeparated = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((parts) => parts.length > 0, 'must name at least one');
const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: DAY_MS };
/** No index is kept that long, and around any shorter time there are dates. */
const MAX_WINDOW_MS = 3_660 * DAY_MS;
const window = z
  .string()
  .default('24h')
  .refine((text) => isDuration(text) || isInterval(text), {
    message:
      'must be a duration as 24h (1s to 3660d) or an ISO 8601 interval FROM/TO (from 1970, to 3660 days)',
  });

/** A duration in whole seconds → milliseconds. */
const seconds = (fallback: string, max: number) =>
  z
    .string()
    .default(fallback)
    .refine((text) => /^\d+s$/.test(text) && Number.parseInt(text) >= 1, 'must be as 30s')
    .transform((text) => Number.parseInt(text) * 1000)
    .refine((ms) => ms <= max * 1000, `must be at most ${max}s`);
const whole = (fallback: number, min: number, max: number) =>
  z
    .string()
    .default(String(fallback))
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);
/** What the adapter itself says; anything else a server may be told. */
const OWN_KEYS = ['model', 'messages', 'response_format', 'tools', 'tool_choice', 'stream', 'n'];
const jsonObject = z
  .string()
  .default('{}')
  .transform((text, context): Record<string, unknown> => {
    const parsed = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
    const own = OWN_KEYS.filter((key) => parsed.data !== undefined && key in parsed.data);
    if (parsed.success && own.length === 0) return parsed.data;
    context.addIssue(
      parsed.success ? `must not set ${own.join(', ')}` : 'must be a JSON object as {"key": 1}',
    );
    return z.NEVER;
  });

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
  EXECUTOR_WORKFLOW_TYPE: z.string().default('ReleaseExecutorWorkflow'),
  EXECUTOR_TASK_QUEUE: z.string().default('release-executor'),
  RELEASE_PREP_TASK_QUEUE: z.string().default('release-prep'),
  LOG_LEVEL: z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  METRICS_ADDRESS: z
    .string()
    .regex(/^[^\s:]+:\d+$/, 'must be HOST:PORT')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: HttpUrl.optional(),
  ...ENCRYPTION_VARIABLES,
});
export type Config = z.infer<typeof Environment>;

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

/** Environment → Config. `EXECUTOR_WORKFLOW_TYPE` alone may be set to nothing, which delivers to nobody. */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => value !== undefined && (value !== '' || name === 'EXECUTOR_WORKFLOW_TYPE'),
    ),
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isInterval(text: string): boolean {
  const [from, to, rest] = text.split('/');
  if (from === undefined || to === undefined || rest !== undefined) return false;
  const length = Date.parse(to) - Date.parse(from);
  return Date.parse(from) >= 0 && length > 0 && length <= MAX_WINDOW_MS;
}

function isDuration(text: string): boolean {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const length = Number(amount) * (UNIT_MS[unit] ?? NaN);
  return length > 0 && length <= MAX_WINDOW_MS;
}
