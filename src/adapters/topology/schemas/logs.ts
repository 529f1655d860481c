import type { LogEntry } from '../../../domain/topology/reading';
import { MAX_TEXT } from '../documents/hit-fields';
import { logDuration, logTime } from '../documents/log-values';
import type { Hit, LogSchema } from './topology-schema';

/** Field names of one log format: those of the request id, the service, the time and, if it is another, the duration. */
type LogFormat = { request: string; service: string; time?: string; duration?: string };

/** Fields that the user names (`TOPOLOGY_LOG_FIELDS`); a duration without a unit counts milliseconds. */
export type LogFields = { trace: string; service: string; time?: string; duration?: string };

/** Request logs of our own kind, and ZeroOps' (`mock-s3-logs`). */
const OWN = ['mock-*-logs-*', 'mock-*-logs'];
/** Elastic's shippers and agents, the collector's exporter, Logstash, and Fluent Bit. */
const COMMON = ['logs-*', 'filebeat-*', 'logstash-*', 'fluent-bit*', 'ss4o_logs-*'];

/**
 * One line per event, with the id of the request or of its trace. Formats differ only in names, so each is its own
 * schema for detection.
 */
const FORMATS: (LogFormat & { indices: string[] })[] = [
  { request: 'request_id', service: 'service', indices: [...OWN, ...COMMON] },
  { request: 'trace_id', service: 'service', indices: OWN },
  { request: 'TraceId', service: 'Attributes.service', indices: OWN },
  { request: 'Attributes.trace_id', service: 'Attributes.service', indices: OWN },
  // The Elastic Common Schema.
  { request: 'trace.id', service: 'service.name', indices: COMMON },
  // OpenTelemetry's logs, in the exporter's mode `otel`.
  { request: 'trace_id', service: 'resource.attributes.service.name', indices: COMMON },
  // Spring's and Logstash's encoders.
  { request: 'traceId', service: 'service', indices: COMMON },
  { request: 'traceId', service: 'spring.application.name', indices: COMMON },
  // Envoy's access logs in JSON; nginx's have a `request_id`.
  { request: 'x_request_id', service: 'service', indices: COMMON },
];

/** How much of a line is searched for the words that report the end of a request: they come early. */
const MAX_MESSAGE = 1_000;

/** Alternative names of the same field; the first one present in a line is used. */
const MESSAGE = ['message', 'Body', 'Attributes.message', 'body.text', 'body'];
const DURATION = ['duration', 'Attributes.duration', 'attributes.duration'];
/** Numbers without a unit: ECS counts nanoseconds, nginx seconds, Envoy milliseconds. */
const NUMBERS: readonly [path: string, perMs: number][] = [
  ['event.duration', 1e6],
  ['request_time', 1e-3],
  ['duration_ms', 1],
  ['elapsed_ms', 1],
];
const STATUS = [
  'status',
  'Attributes.status',
  'http.response.status_code',
  'attributes.http.response.status_code',
  'response_code',
];

const TIME = '@timestamp';

const schemaOf = ({ indices, ...names }: LogFormat & { indices: string[] }): LogSchema => ({
  kind: 'logs',
  id: 'logs',
  indices,
  keywords: [names.request, names.service],
  time: names.time ?? TIME,
  trace: names.request,
  fields: [],
  source: [
    names.time ?? TIME,
    names.request,
    names.service,
    ...(names.duration === undefined ? [] : [names.duration]),
    ...MESSAGE,
    ...DURATION,
    ...NUMBERS.map(([path]) => path),
    ...STATUS,
  ],
  about: (name, resolve) => ({
    bool: {
      filter: [
        { term: { [resolve(names.service)]: name } },
        { exists: { field: resolve(names.request) } },
      ],
    },
  }),
  toEntry: (hit) => entryOf(hit, names),
});

export const logSchemas: LogSchema[] = FORMATS.map(schemaOf);

/** Logs of the user's own fields, in the indices of any format. */
export const ownLogSchema = ({ trace, ...names }: LogFields): LogSchema =>
  schemaOf({ ...names, request: trace, indices: [...OWN, ...COMMON] });

/** Times are read from the source: short calls need fractions of a millisecond, which a `date` field drops. */
function entryOf({ source }: Hit, names: LogFormat): LogEntry | null {
  const text = (path: string): string | null => textAt(source, path);
  const firstOf = (paths: readonly string[]) => paths.map(text).find((value) => value !== null);
  const request = text(names.request);
  const service = text(names.service);
  const at = logTime(text(names.time ?? TIME) ?? '');
  if (request === null || service === null || at === null) return null;
  if (request.length > MAX_TEXT || service.length > MAX_TEXT) return null;
  const message = (firstOf(MESSAGE) ?? '').slice(0, MAX_MESSAGE);
  const duration =
    ownDuration(names.duration === undefined ? null : text(names.duration)) ??
    logDuration(firstOf(DURATION) ?? '') ??
    numbered(text) ??
    durationIn(message);
  const status = Number(firstOf(STATUS) ?? NaN);
  return {
    request,
    service,
    at,
    duration,
    phase: phaseOf(message, duration),
    failed: Number.isFinite(status) ? status >= 500 : null,
  };
}

function ownDuration(text: string | null): number | null {
  if (text === null) return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : logDuration(text);
}

/** A duration in a field that is a number in a unit of its own. */
function numbered(text: (path: string) => string | null): number | null {
  for (const [path, perMs] of NUMBERS) {
    const value = Number(text(path) ?? NaN);
    if (Number.isFinite(value) && value >= 0) return value / perMs;
  }
  return null;
}

/** `completed 200 in 15ms`: the last word of a line that reports an end. */
function durationIn(message: string): number | null {
  const [, last = ''] = /\b(?:completed|finished|ended|took)\b.*\s(\S{1,20})$/i.exec(message) ?? [];
  return logDuration(last);
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
