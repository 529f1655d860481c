import { selectMetrics } from '../../../src/activities/select-metrics';
import { setThresholds } from '../../../src/activities/set-thresholds';
import { shortlistMetrics } from '../../../src/activities/shortlist-metrics';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { HostRef } from '../../../src/domain/host';
import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { startPrometheusWith, type PrometheusServer } from '../../fixtures/servers/prometheus';
import { shippedKnowledge } from '../../fixtures/knowledge';

jest.setTimeout(180_000);

const STEP = 60;
const HOURS = 12;
const HOSTS: HostRef[] = [1, 2, 3].map((n) => ({ host_id: `web-${n}`, host_ip: `10.0.0.${n}` }));

type Series = { name: string; labels: string; type: string; at: (tick: number) => number };
const gauge = (name: string, labels: string, value: number): Series => ({
  ...{ name, labels, type: 'gauge', at: (tick: number) => value * (1 + 0.02 * Math.sin(tick / 7)) },
});
const counter = (name: string, labels: string, perTick: number): Series => ({
  ...{ name, labels, type: 'counter', at: (tick: number) => Math.floor(tick * perTick) },
});

/** A service with its own label, its machines without it, and on the same machines a stranger and a caller. */
const SERIES: Series[] = [
  ...HOSTS.flatMap(({ host_ip: ip }, index) => [
    counter('http_requests_total', `service="shop",instance="${ip}:8080",code="200"`, 600),
    gauge('node_memory_MemAvailable_bytes', `job="node",instance="${ip}:9100"`, 6e9),
    gauge('node_memory_MemTotal_bytes', `job="node",instance="${ip}:9100"`, 16e9),
    // One machine is busy, one disk is nearly full: no average of three shows it.
    counter(
      'node_cpu_seconds_total',
      `job="node",instance="${ip}:9100",mode="idle"`,
      index === 1 ? 6 : 45,
    ),
    gauge(
      'node_filesystem_avail_bytes',
      `job="node",instance="${ip}:9100",fstype="ext4"`,
      index === 2 ? 15e9 : 80e9,
    ),
    gauge('node_filesystem_size_bytes', `job="node",instance="${ip}:9100",fstype="ext4"`, 100e9),
    gauge('billing_queue_depth', `service="billing",instance="${ip}:7070"`, 12),
  ]),
  gauge('node_memory_MemAvailable_bytes', 'job="node",instance="10.0.0.9:9100"', 1e8),
  gauge('node_memory_MemTotal_bytes', 'job="node",instance="10.0.0.9:9100"', 16e9),
  counter('http_requests_total', 'service="frontend",instance="10.0.0.1:80",code="200"', 900),
  counter('http_requests_total', 'service="frontend",instance="10.0.0.1:80",code="500"', 2),
  counter('http_requests_total', 'service="payments",instance="10.0.2.1:80",code="200"', 300),
  counter('http_requests_total', 'service="payments",instance="10.0.2.1:80",code="500"', 3),
  ...[
    ['0.1', 800],
    ['1', 890],
    ['+Inf', 900],
  ].map(([le, perTick]) =>
    counter(
      'http_request_duration_seconds_bucket',
      `service="frontend",instance="10.0.0.1:80",le="${le}"`,
      Number(perTick),
    ),
  ),
];

function textOf(end: number): string {
  const families = new Map<string, Series[]>();
  for (const one of SERIES) families.set(one.name, [...(families.get(one.name) ?? []), one]);
  const ticks = Array.from({ length: (HOURS * 3600) / STEP + 1 }, (_, tick) => tick);
  const lines = [...families].flatMap(([name, members]) => [
    // Buckets alone make no whole histogram of OpenMetrics.
    `# TYPE ${name.replace(/_total$/, '')} ${name.endsWith('_bucket') ? 'unknown' : members[0]?.type}`,
    ...members.flatMap(({ labels, at }) =>
      ticks.map((tick) => `${name}{${labels}} ${at(tick)} ${end - HOURS * 3600 + tick * STEP}`),
    ),
  ]);
  return `${lines.join('\n')}\n# EOF\n`;
}

let server: PrometheusServer;
let knowledge: Knowledge;
beforeAll(async () => {
  server = await startPrometheusWith(textOf);
  knowledge = await shippedKnowledge();
});
afterAll(() => server?.stop());

async function analysed(
  hosts: readonly HostRef[],
  near: { neighbours?: string[]; callees?: string[] } = {},
  service = 'shop',
) {
  const deps = {
    ...{ knowledge, model: undefined, prometheus: createPrometheus({ url: server.url }) },
    ...{ prometheusServiceLabels: ['app', 'service'], prometheusHostLabels: ['host', 'instance'] },
    releaseSystem: { hostRefsOf: () => Promise.resolve(hosts) } as never,
  };
  const now = new Date(server.end * 1000).toISOString();
  const shortlist = await shortlistMetrics(deps, { service, now, allow_unknown_service: true });
  const selection = await selectMetrics(deps, { shortlist, risks: null, ...near, now });
  return (await setThresholds(deps, { selection, now })).result.details;
}

it('watches the machines by the label and the spelling that tell them, and nothing of strangers', async () => {
  const { metrics, host_sets: sets = [] } = await analysed(HOSTS);
  const ofHosts = metrics.filter(({ beside }) => beside?.kind === 'hosts');
  expect(ofHosts.map(({ name, candidates }) => [name, ...candidates])).toEqual([
    ['CPU of the hosts', 'node_cpu_seconds_total'],
    ['Memory of the hosts', 'node_memory_MemAvailable_bytes'],
    ['Disk of the hosts', 'node_filesystem_avail_bytes'],
  ]);
  expect(ofHosts[0]?.beside).toEqual({ kind: 'hosts', label: 'instance' });
  for (const { expr, baseline, judgeable, host_set: set } of ofHosts.flatMap(
    ({ rules }) => rules,
  )) {
    expect(expr).toContain(String.raw`instance=~"(?:10\\.0\\.0\\.1|10\\.0\\.0\\.2|10\\.0\\.0\\.3)`);
    expect(baseline.samples).toBeGreaterThan(100);
    expect(judgeable).toBe('judgeable');
    // Each batch finds its own machines among them.
    expect(sets[set ?? -1]?.values).toEqual(HOSTS.map(({ host_ip: ip }) => `${ip}:9100`));
  }
  // The machine that is short of memory is none of the service's.
  const memory = ofHosts.find(({ name }) => name.startsWith('Memory'))?.rules[0];
  expect(memory?.baseline.p50).toBeGreaterThan(0.3);
  expect(JSON.stringify(metrics)).not.toContain('billing_queue_depth');
});

it('shows the worst of the machines', async () => {
  const { metrics } = await analysed(HOSTS);
  const levelOf = (group: string) =>
    metrics.find(({ name }) => name === `${group} of the hosts`)?.rules[0]?.baseline.p50;
  expect(levelOf('CPU')).toBeCloseTo(0.9, 1);
  expect(levelOf('Disk')).toBeCloseTo(0.15, 1);
});

it('watches its machines though nothing tells which series are its own', async () => {
  const { metrics, scope } = await analysed(HOSTS, {}, 'unlabelled');
  expect(scope).toEqual({ kind: 'none' });
  const rules = metrics.flatMap((group) => group.rules.map((rule) => ({ ...rule, ...group })));
  const ofNode = rules.filter(({ candidate }) => candidate.startsWith('node_'));
  expect(ofNode.map(({ beside }) => beside?.kind)).toEqual(['hosts', 'hosts', 'hosts']);
  for (const { judgeable } of ofNode) expect(judgeable).toBe('judgeable');
});

it('watches errors and latency of who calls it and whom it calls, by their own label, apart from the batches', async () => {
  const { metrics, unwatched } = await analysed(HOSTS, {
    neighbours: ['frontend', 'nobody'],
    callees: ['payments'],
  });
  expect(unwatched).toEqual(['nobody: no metric has its name in the label service']);
  const near = metrics.filter(({ beside }) => beside?.kind === 'neighbour');
  expect(near.map(({ name }) => name)).toEqual([
    ...['Error Rate of frontend', 'Latency of frontend', 'Error Rate of payments'],
  ]);
  expect(near[2]?.beside).toMatchObject({ service: 'payments', because: 'shop calls it' });
  for (const { expr, baseline, host_set: set } of near.flatMap(({ rules }) => rules)) {
    expect(expr).toMatch(/service="(?:frontend|payments)"/);
    expect(baseline.samples).toBeGreaterThan(100);
    expect(set).toBeUndefined();
  }
  expect(near[0]?.rules[0]?.baseline.p50).toBeCloseTo(2 / 902, 4);
});

it('invents nothing where no series is of any host, and names no fleet host by host', async () => {
  const strangers = HOSTS.map(({ host_id: id }) => ({
    host_id: `${id}-x`,
    host_ip: '192.168.7.7',
  }));
  const fleet = Array.from({ length: 101 }, (_, n) => ({
    host_id: `web-${n}`,
    host_ip: `10.0.0.${n}`,
  }));
  const cases: [HostRef[], string][] = [
    [
      strangers,
      'no host metric has one of the 3 hosts in a label of host, instance (PROMETHEUS_HOST_LABELS)',
    ],
    [fleet, '101 are too many for one query (at most 100)'],
    [[], 'the release system names none'],
  ];
  for (const [hosts, why] of cases) {
    const { metrics, unwatched } = await analysed(hosts);
    expect(unwatched).toEqual([`the hosts: ${why}`]);
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter(({ beside }) => beside !== undefined)).toEqual([]);
  }
});
