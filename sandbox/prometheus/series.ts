/** SANDBOX: synthetic series of the demo's services; a stand-in for what a real Prometheus would have scraped. */
import { NO_FAULT, type Fault } from '../faults';
import { atFault, counter, gauge, higherAtFault } from './shapes';

export type SandboxSeries = { labels: Record<string, string>; at: (seconds: number) => number };
export type SandboxMetric = { type: string; help: string; unit: string; series: SandboxSeries[] };

const HOSTS = [
  'bj1-node-001',
  'sh1-node-001',
  'sh1-node-002',
  'sh1-node-003',
  'sh2-node-001',
  'sh2-node-002',
  'sh2-node-003',
];
const BUCKETS: [bound: string, share: number][] = [
  ['0.01', 0.05],
  ['0.025', 0.2],
  ['0.05', 0.5],
  ['0.1', 0.8],
  ['0.25', 0.96],
  ['0.5', 0.995],
  ['1', 0.9995],
  ['+Inf', 1],
];

function onHosts(of: (host: string, index: number) => SandboxSeries[]): SandboxSeries[] {
  return HOSTS.flatMap((host, index) =>
    of(host, index).map(({ labels, at }) => ({
      labels: { service: 'user-service', host, instance: `${host}:8080`, ...labels },
      at,
    })),
  );
}
const one = (at: (t: number) => number, labels: Record<string, string> = {}): SandboxSeries[] => [
  { labels, at },
];

/** Requests per second and host, and the share of them that fails. */
const TRAFFIC = 20;
const ERROR_SHARE = 0.0004;
/** What hosts at fault do: the share that fails, the shares of requests that end within each bound, bytes leaked. */
const FAULTY_ERROR_SHARE = 0.05;
const SLOW_SHARES = [0.02, 0.07, 0.2, 0.35, 0.5, 0.65, 0.8, 1];
const SLOW_MEAN = 0.8;
const LEAKED_BYTES = 4e8;
/** CPU seconds a second more, of about half a core, and connections more, of 40. */
const BUSY_CPU = 0.9;
const KEPT_CONNECTIONS = 27;

/** What the services do: their requests per second and host, and what is wrong on which hosts. */
export type Load = { requests?: number; fault?: Fault };
export type SandboxMetrics = Readonly<Record<string, SandboxMetric>>;

const metric = (
  type: string,
  unit: string,
  help: string,
  series: SandboxSeries[],
): SandboxMetric => ({ type, unit, help, series });

/** Name → metric: the names of the user's example, those of common client libraries, and some of other services. */
export const createMetrics = ({
  requests = TRAFFIC,
  fault = NO_FAULT,
}: Load = {}): SandboxMetrics => {
  const only = (kind: Fault['kind'], much: number) => (fault.kind === kind ? much : 0);
  const failing = only('errors', requests * (FAULTY_ERROR_SHARE - ERROR_SHARE));
  const leaked = only('memory', LEAKED_BYTES);
  const busy = only('cpu', BUSY_CPU);
  const count = (host: string, perSecond: number, more = 0) =>
    atFault(fault, host, counter(perSecond), more);
  return {
    'user-service_service_cpu_user_seconds_total': metric(
      'counter',
      'seconds',
      'User CPU time of user-service.',
      onHosts((host) => one(count(host, 0.35, busy))),
    ),
    'user-service_service_cpu_system_seconds_total': metric(
      'counter',
      'seconds',
      'System CPU time of user-service.',
      onHosts(() => one(counter(0.12))),
    ),
    'user-service_service_memory_used_bytes': metric(
      'gauge',
      'bytes',
      'Memory that user-service uses.',
      onHosts((host, i) => one(higherAtFault(fault, host, gauge(6.1e8 + i * 1e7, 0.04), leaked))),
    ),
    'user-service_service_memory_active_bytes': metric(
      'gauge',
      'bytes',
      'Memory of user-service touched lately.',
      onHosts((_, i) => one(gauge(4.2e8 + i * 1e7, 0.05))),
    ),
    'user-service_service_errors_total': metric(
      'counter',
      '',
      'Requests that user-service failed to serve.',
      onHosts((host) => one(count(host, requests * ERROR_SHARE, failing))),
    ),
    http_requests_total: metric(
      'counter',
      '',
      'Requests served, by status code.',
      onHosts((host) => [
        ...one(count(host, requests * (1 - ERROR_SHARE), -failing), { code: '200' }),
        ...one(count(host, requests * ERROR_SHARE, failing), { code: '500' }),
      ]),
    ),
    http_request_duration_seconds: metric('histogram', 'seconds', 'Time to serve a request.', []),
    http_request_duration_seconds_bucket: metric(
      '',
      '',
      '',
      onHosts((host) =>
        BUCKETS.flatMap(([le, share], i) => {
          const slower = only('latency', requests * ((SLOW_SHARES[i] ?? 1) - share));
          return one(count(host, requests * share, slower), { le });
        }),
      ),
    ),
    http_request_duration_seconds_sum: metric(
      '',
      '',
      '',
      onHosts((host) => one(count(host, requests * 0.07, only('latency', requests * SLOW_MEAN)))),
    ),
    http_request_duration_seconds_count: metric(
      '',
      '',
      '',
      onHosts(() => one(counter(requests))),
    ),
    process_cpu_seconds_total: metric(
      'counter',
      'seconds',
      'Total user and system CPU time spent.',
      onHosts((host) => one(count(host, 0.47, busy))),
    ),
    process_resident_memory_bytes: metric(
      'gauge',
      'bytes',
      'Resident memory size.',
      onHosts((host) => one(higherAtFault(fault, host, gauge(6.4e8, 0.04), leaked))),
    ),
    process_open_fds: metric(
      'gauge',
      '',
      'Number of open file descriptors.',
      onHosts(() => one(gauge(180, 0.1))),
    ),
    process_max_fds: metric(
      'gauge',
      '',
      'Maximum number of open file descriptors.',
      onHosts(() => one(() => 65_536)),
    ),
    go_goroutines: metric(
      'gauge',
      '',
      'Number of goroutines that currently exist.',
      onHosts(() => one(gauge(220, 0.15))),
    ),
    db_pool_connections_in_use: metric(
      'gauge',
      '',
      'Connections to the database in use.',
      onHosts((host) =>
        one(higherAtFault(fault, host, gauge(9, 0.2), only('connections', KEPT_CONNECTIONS))),
      ),
    ),
    db_pool_connections_max: metric(
      'gauge',
      '',
      'Connections to the database at the most.',
      onHosts(() => one(() => 40)),
    ),
    up: metric(
      'gauge',
      '',
      'Whether the last scrape worked.',
      onHosts((host) => one(higherAtFault(fault, host, () => 1, only('crash', -1)))),
    ),
    node_load1: metric(
      'gauge',
      '',
      '1 minute load average.',
      HOSTS.flatMap((host) => one(gauge(1.2, 0.3), { instance: `${host}:9100`, job: 'node' })),
    ),
    node_memory_MemAvailable_bytes: metric(
      'gauge',
      'bytes',
      'Memory available.',
      HOSTS.flatMap((host) => one(gauge(2e10, 0.05), { instance: `${host}:9100`, job: 'node' })),
    ),
    redis_connected_clients: metric(
      'gauge',
      '',
      'Clients connected to Redis.',
      one(gauge(64, 0.1), { job: 'redis', instance: 'session-cache:9121' }),
    ),
    pg_stat_database_numbackends: metric(
      'gauge',
      '',
      'Backends connected to the database.',
      one(gauge(70, 0.1), { job: 'postgresql', instance: 'user-db:9187' }),
    ),
  };
};

/** Without a fault. */
export const METRICS = createMetrics();

export const seriesOf = (metrics: SandboxMetrics): SandboxSeries[] =>
  Object.entries(metrics).flatMap(([name, { series }]) =>
    series.map(({ labels, at }) => ({ labels: { __name__: name, ...labels }, at })),
  );
