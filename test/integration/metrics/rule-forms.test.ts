import path from 'node:path';
import { loadKnowledge } from '../../../src/adapters/knowledge/knowledge';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { MetricScope, RuleScope } from '../../../src/domain/metrics';
import { groupsOf } from '../../../src/steps/knowledge/metric-groups';
import { ruleForms } from '../../../src/steps/rules/rule-forms';
import { group, level, metric } from '../../fixtures/metric-facts';
import { startPrometheusWith, type PrometheusServer } from '../../fixtures/servers/prometheus';

jest.setTimeout(60_000);

const STEP = 60;
const HOURS = 3;
const GIB = 2 ** 30;
const scope: MetricScope = { kind: 'label', label: 'service', value: 'shop' };

/** Two hosts: a disk that loses a GiB an hour and one that does not, certificates, and backups of which one never was. */
const valuesAt = (at: number, end: number): Record<string, number> => ({
  'disk_free_bytes{service="shop",instance="a"}': 10 * GIB - (GIB * (at - end)) / 3600,
  'disk_free_bytes{service="shop",instance="b"}': 50 * GIB,
  'cert_expiry_seconds{service="shop",instance="a"}': end + 86_400,
  'cert_expiry_seconds{service="shop",instance="b"}': end + 10 * 86_400,
  'backup_time_seconds{service="shop",instance="a"}': end - 7_200,
  'backup_time_seconds{service="shop",instance="b"}': 0,
  // A full root next to an empty disk, a snap that is always full and a tmpfs that is always empty.
  ...filesystem('a', '/', 'ext4', 1, 50),
  ...filesystem('a', '/data', 'xfs', 900, 1_000),
  ...filesystem('a', '/snap/core', 'squashfs', 0, 1),
  ...filesystem('b', '/', 'ext4', 25, 50),
  ...filesystem('b', '/run', 'tmpfs', 8, 8),
});

function filesystem(instance: string, mount: string, type: string, free: number, size: number) {
  const labels = `{service="shop",instance="${instance}",mountpoint="${mount}",fstype="${type}"}`;
  return {
    [`node_filesystem_avail_bytes${labels}`]: free * GIB,
    [`node_filesystem_size_bytes${labels}`]: size * GIB,
  };
}

function textOf(end: number): string {
  const ticks = Array.from(
    { length: (HOURS * 3600) / STEP + 1 },
    (_, n) => end - HOURS * 3600 + n * STEP,
  );
  const lines: string[] = [];
  let family = '';
  for (const series of Object.keys(valuesAt(end, end))) {
    const name = series.slice(0, series.indexOf('{'));
    if (name !== family) lines.push(`# TYPE ${name} gauge`);
    family = name;
    for (const at of ticks) lines.push(`${series} ${valuesAt(at, end)[series]} ${at}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

let server: PrometheusServer;
beforeAll(async () => {
  server = await startPrometheusWith(textOf);
}, 60_000);
afterAll(() => server?.stop());

async function valueOf(name: string, changes: Parameters<typeof level>[0]): Promise<number> {
  const subject = metric(name, 'gauge');
  const [form] = ruleForms(
    { metric: subject, scope, metrics: [subject] },
    group('G', [level(changes)]),
  );
  const { data } = await createPrometheus({ url: server.url }).query(form?.expr ?? '', server.end);
  return data[0]?.sample.value ?? NaN;
}

it('predicts the disk that fills first, by the slope of the last hour', async () => {
  const inFourHours = await valueOf('disk_free_bytes', {
    form: 'predict',
    aggregate: 'min',
    op: '<',
  });
  expect(inFourHours / GIB).toBeCloseTo(6, 1);
});

it('tells growth a second, of the host that loses most', async () => {
  const slope = await valueOf('disk_free_bytes', { form: 'growth', aggregate: 'min', op: '<' });
  expect(slope / (GIB / 3600)).toBeCloseTo(-1, 3);
});

it('tells how old the oldest is, but for what never was, and how long the first lasts', async () => {
  expect(await valueOf('backup_time_seconds', { form: 'age', op: '>' })).toBeCloseTo(7_200, 0);
  expect(await valueOf('cert_expiry_seconds', { form: 'remaining', op: '<' })).toBeCloseTo(
    86_400,
    0,
  );
});

describe('the disks of hosts', () => {
  const metrics = [
    metric('node_filesystem_avail_bytes', 'gauge'),
    metric('node_filesystem_size_bytes', 'gauge'),
  ];

  it.each<[string, RuleScope, number]>([
    ['of a service', scope, 0.02],
    ['of its hosts', { kind: 'hosts', label: 'instance', hosts: ['a', 'b'] }, 0.02],
    ['of one host', { kind: 'hosts', label: 'instance', hosts: ['b'] }, 0.5],
  ])('are judged filesystem by filesystem, the fullest counts: %s', async (_, scoped, expected) => {
    const loaded = await loadKnowledge(path.resolve(__dirname, '../../../knowledge'));
    if (!loaded.ok) throw new Error('the knowledge base is broken');
    const disk = groupsOf('node', loaded.knowledge).find(({ name }) => name === 'Disk');
    const [subject] = metrics;
    if (disk === undefined || subject === undefined) throw new Error('no group Disk');
    const [form] = ruleForms({ metric: subject, scope: scoped, metrics }, disk);
    const { data } = await createPrometheus({ url: server.url }).query(
      form?.expr ?? '',
      server.end,
    );
    expect(data.map(({ sample }) => sample.value)).toEqual([expected]);
  });
});
