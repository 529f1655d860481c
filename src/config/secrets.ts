import { checkBounds } from '../adapters/upstream/bounded-json';
import { readKeysFile, secretPartsOf } from './key-lists';

type Environment = Record<string, string | undefined>;

/** Variables whose whole value is a credential. */
const SECRET_VARIABLES = [
  'RELEASE_SYSTEM_TOKEN',
  'ELASTICSEARCH_API_KEY',
  'ELASTICSEARCH_PASSWORD',
  'PROMETHEUS_TOKEN',
  'PROMETHEUS_PASSWORD',
  'OPENAI_API_KEY',
  'CODEC_TOKEN',
  'WEBHOOK_SECRET',
  'TEMPORAL_API_KEY',
  'TEMPORAL_CODEC_AUTH',
] as const;

/** Variables of PEM text; each line is a secret. */
const KEY_VARIABLES = ['TEMPORAL_TLS_CLIENT_KEY_DATA'] as const;

/** Lists of `id:key`, each also as a file by the same name with `_FILE`. */
const KEY_LISTS = ['PAYLOAD_ENCRYPTION_KEYS', 'ISSUE_SEAL_KEYS'] as const;

/** Variables that may carry a user and a password, or a token as a parameter. */
const URL_VARIABLES = [
  'RELEASE_SYSTEM_URL',
  'WEBHOOK_URL',
  'ELASTICSEARCH_URL',
  'TOPOLOGY_URL',
  'PROMETHEUS_URL',
  'OPENAI_BASE_URL',
  'ISSUE_STORE_URL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
] as const;

/** Headers for a collector, as `name=value,name=value` with values as in a URL. */
const HEADER_VARIABLES = [
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'OTEL_EXPORTER_OTLP_METRICS_HEADERS',
] as const;

/** Users whose password has a variable of its own: Basic authentication sends both as one text. */
const USERS = [
  ['ELASTICSEARCH_USERNAME', 'ELASTICSEARCH_PASSWORD'],
  ['PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD'],
] as const;

/** Names of values that must not be shown. */
export const SECRET_NAME =
  /key|token|secret|pass|pwd|auth|cred|cookie|session|signature|^sig$|^code$|jwt|bearer/i;

/** Every credential in an environment, as texts to hide; parsing reports a variable that is not valid. */
export function secretsIn(environment: Environment): string[] {
  const valueOf = (name: string): string => environment[name]?.trim() ?? '';
  const pairs = USERS.map(([user, password]) => [valueOf(user), valueOf(password)] as const);
  return [
    ...SECRET_VARIABLES.map(valueOf),
    ...KEY_VARIABLES.flatMap((name) => pemLines(valueOf(name))),
    ...URL_VARIABLES.flatMap((name) => inUrl(valueOf(name))),
    ...pairs.filter(([, password]) => password !== '').flatMap((pair) => basicOf(...pair)),
    ...HEADER_VARIABLES.flatMap((name) => inHeaderList(valueOf(name))),
    ...inHeaderLines(valueOf('OPENAI_CUSTOM_HEADERS')),
    ...inApiKey(valueOf('ELASTICSEARCH_API_KEY')),
    ...inHeaders(environment),
    ...inJson(valueOf('LLM_EXTRA_BODY')),
    ...KEY_LISTS.flatMap((name) => [
      ...secretPartsOf(valueOf(name)),
      ...secretPartsOf(readKeysFile(environment[`${name}_FILE`]) ?? ''),
    ]),
  ]
    .flatMap(withoutScheme)
    .filter((value) => value !== '');
}

/** A credential, and the same without the `Bearer` or `Basic` before it. */
export const withoutScheme = (value: string): string[] => [
  value,
  value.replace(/^(bearer|basic|apikey|token) +/i, ''),
];

/** The lines of a key in PEM, without its frame. */
export const pemLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('-----'));

/** As Basic authentication sends them: a server may quote either form. */
const basicOf = (user: string, password: string): string[] => {
  const pair = `${user}:${password}`;
  return [pair, Buffer.from(pair).toString('base64')];
};

/** The password, the pair, or a lone user name, which then is a token; and parameters with a name of secrets. */
function inUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, searchParams } = new URL(text);
  const user = decoded(username);
  const pair = password === '' ? [user] : [decoded(password), ...basicOf(user, decoded(password))];
  const named = [...searchParams].filter(([name]) => SECRET_NAME.test(name));
  return [...pair, password, ...named.map(([, value]) => value)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const inHeaderList = (text: string): string[] =>
  text.split(',').map((pair) => decoded(pair.slice(pair.indexOf('=') + 1).trim()));

/** `name: value` on lines, as the model's client reads them by itself. */
const inHeaderLines = (text: string): string[] =>
  text.split('\n').map((line) => line.slice(line.indexOf(':') + 1).trim());

/** Elasticsearch gives a key out as the Base64 of `id:key`; an error may quote either form. */
function inApiKey(text: string): string[] {
  const [, key] = /^[\w-]+:([\x21-\x7e]+)$/.exec(Buffer.from(text, 'base64').toString()) ?? [];
  return key === undefined ? [] : [key];
}

const inHeaders = (environment: Environment): string[] =>
  Object.entries(environment)
    .filter(([name]) => name.startsWith('TEMPORAL_GRPC_META_') && SECRET_NAME.test(name))
    .map(([, value]) => value?.trim() ?? '');

const isText = (value: unknown): value is string => typeof value === 'string';

/** Texts under keys with a name of secrets, at any depth, those of a list under one included. */
function inJson(text: string): string[] {
  const found: string[] = [];
  try {
    checkBounds(text);
    // eslint-disable-next-line no-restricted-syntax -- its bounds were checked
    JSON.parse(text, (key: string, value: unknown) => {
      if (SECRET_NAME.test(key)) found.push(...[value].flat(9).filter(isText));
      return value;
    });
  } catch {
    return [];
  }
  return found;
}
