import type { LogEntry } from '../../../domain/topology/reading';
import { logDuration, logTime } from '../documents/log-values';
import type { Hit, LogSchema } from './topology-schema';

/** Field names of one log format: those of the request id and the service. */
type LogFormat = { request: string; service: string };

/**
 * Request logs, one line per event: `request_id` or `trace_id`, `service`, `@timestamp`; and the OpenTelemetry form that
 * ZeroOps' collector writes. Formats differ only in names, so each is its own schema for detection.
 */
const FORMATS: LogFormat[] = [
  { request: 'request_id', service: 'service' },
  { request: 'trace_id', service: 'service' },
  { request: 'TraceId', service: 'Attributes.service' },
  { request: 'Attributes.trace_id', service: 'Attributes.service' },
];

/** How much of a line is searched for the words that report the end of a request: they come early. */
const MAX_MESSAGE = 1_000;

/** Alternative names of the same field; the first one present in a line is used. */
const MESSAGE = ['message', 'Body', 'Attributes.message', 'body'];
const DURATION = ['duration', 'Attributes.duration'];
const STATUS = ['status', 'Attributes.status', 'http.response.status_code'];

export const logSchemas: LogSchema[] = FORMATS.map(({ request, service }) => ({
  kind: 'logs',
  id: 'logs',
  // `mock-{service}-logs-YYYY.MM.DD`; ZeroOps' collector writes `mock-s3-logs`.
  indices: ['mock-*-logs-*', 'mock-*-logs'],
  keywords: [request, service],
  time: '@timestamp',
  trace: request,
  fields: [],
  source: ['@timestamp', request, service, ...MESSAGE, ...DURATION, ...STATUS],
  about: (name, resolve) => ({
    bool: {
      filter: [{ term: { [resolve(service)]: name } }, { exists: { field: resolve(request) } }],
    },
  }),
  toEntry: (hit) => entryOf(hit, { request, service }),
}));

/** Times are read from the source: short calls need fractions of a millisecond, which a `date` field drops. */
function entryOf({ source }: Hit, names: LogFormat): LogEntry | null {
  const text = (path: string): string | null => textAt(source, path);
  const firstOf = (paths: readonly string[]) => paths.map(text).find((value) => value !== null);
  const request = text(names.request);
  const service = text(names.service);
  const at = logTime(text('@timestamp') ?? '');
  if (request === null || service === null || at === null) return null;
  const duration = logDuration(firstOf(DURATION) ?? '');
  const status = Number(firstOf(STATUS) ?? NaN);
  return {
    request,
    service,
    at,
    duration,
    phase: phaseOf((firstOf(MESSAGE) ?? '').slice(0, MAX_MESSAGE), duration),
    failed: Number.isFinite(status) ? status >= 500 : null,
  };
}

function phaseOf(message: string, duration: number | null): LogEntry['phase'] {
  if (duration !== null || /\b(completed|finished|ended)\b/i.test(message)) return 'ended';
  return /\b(received|started)\b/i.test(message) ? 'received' : 'during';
}

/** The value at a path, in nested objects or under a dotted name. */
function textAt(source: unknown, path: string): string | null {
  if (typeof source !== 'object' || source === null) return null;
  for (const [key, value] of Object.entries(source)) {
    if (key === path) {
      if (typeof value === 'number') return String(value);
      return typeof value === 'string' && value !== '' ? value : null;
    }
    if (!path.startsWith(`${key}.`)) continue;
    const found = textAt(value, path.slice(key.length + 1));
    if (found !== null) return found;
  }
  return null;
}
