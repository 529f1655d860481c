import type { z } from 'zod';
import { hideSecrets } from '../adapters/redaction';
import { encryptionKeysOf } from './encryption';
import { Environment } from './environment';
import { sealingOf } from './seal-variables';
import { secretsIn } from './secrets';
import { parseTemporalAccess, type TemporalAccess } from './temporal-access';
import { trimmed } from './trimmed';

export type Config = z.infer<typeof Environment>;

/** Every variable that is read; used to check the variables set elsewhere (deploy/). */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

/** Thrown by parseConfig; `errors` has every fault of the environment, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly errors: string[];
  constructor(errors: string[]) {
    super(
      `the configuration has ${errors.length === 1 ? '1 error' : `${errors.length} errors`}:\n${errors.map((e) => `  ${e}`).join('\n')}`,
    );
    this.errors = errors;
  }
}

/** Environment → Config. Throws ConfigError with every fault. */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(
    Object.entries(trimmed(environment)).filter(([, value]) => value !== undefined && value !== ''),
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
    errors.push(
      'ELASTICSEARCH_API_KEY: set either an API key or a username and password, not both',
    );
  }
  if (Boolean(config.ELASTICSEARCH_USERNAME) !== Boolean(config.ELASTICSEARCH_PASSWORD)) {
    errors.push('ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD: set both');
  }
  if (Boolean(config.PROMETHEUS_USERNAME) !== Boolean(config.PROMETHEUS_PASSWORD)) {
    errors.push('PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD: set both');
  }
  if (config.PROMETHEUS_TOKEN && config.PROMETHEUS_USERNAME) {
    errors.push('PROMETHEUS_TOKEN: set either a token or a username and password, not both');
  }
  if (config.PAYLOAD_ENCRYPTION_KEYS && config.PAYLOAD_ENCRYPTION_KEYS_FILE) {
    errors.push(
      'PAYLOAD_ENCRYPTION_KEYS: set either the keys or PAYLOAD_ENCRYPTION_KEYS_FILE, not both',
    );
  }
  if (config.ISSUE_SEAL_KEYS && config.ISSUE_SEAL_KEYS_FILE) {
    errors.push('ISSUE_SEAL_KEYS: set either the keys or ISSUE_SEAL_KEYS_FILE, not both');
  }
  const sealKeys = sealingOf(config)?.keys ?? [];
  if (encryptionKeysOf(config).some(({ key }) => sealKeys.some((seal) => seal.key.equals(key)))) {
    errors.push('ISSUE_SEAL_KEYS: set keys of their own, not those of PAYLOAD_ENCRYPTION_KEYS');
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

/** The shipped knowledge base, unless it is left out, and the user's folders over it. */
export const knowledgeSourceOf = ({ KNOWLEDGE_BASE, KNOWLEDGE_DIR }: Config) => ({
  shipped: KNOWLEDGE_BASE === 'shipped',
  folders: KNOWLEDGE_DIR,
});

export type NeededUpstream = 'RELEASE_SYSTEM_URL' | 'PROMETHEUS_URL';
const WORKER_NEEDS: readonly NeededUpstream[] = ['RELEASE_SYSTEM_URL', 'PROMETHEUS_URL'];

/** The variables that are needed and not set, each with what to set. */
export function missingUpstreams(
  config: Config,
  needed: readonly NeededUpstream[] = WORKER_NEEDS,
): string[] {
  const missing: string[] = [];
  if (needed.includes('RELEASE_SYSTEM_URL') && !config.RELEASE_SYSTEM_URL) {
    missing.push(
      'RELEASE_SYSTEM_URL: not set; set it to the address of the release system, or file:PATH',
    );
  }
  if (needed.includes('PROMETHEUS_URL') && !config.PROMETHEUS_URL)
    missing.push('PROMETHEUS_URL: not set; set it to the address of Prometheus');
  return missing;
}
