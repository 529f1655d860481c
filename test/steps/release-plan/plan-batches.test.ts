import fc from 'fast-check';
import type { Host } from '../../../src/domain/host';
import { hostsOutAtOnce } from '../../../src/steps/release-plan/capacity';
import { faultDomainsOf } from '../../../src/steps/release-plan/fault-domain';
import { planBatches, type GrayPlan } from '../../../src/steps/release-plan/plan-batches';
import { fleets, hostOf, policy } from '../../fixtures/fleets';
import { exampleHosts } from '../../fixtures/stacks/stack';

const planOf = (hosts: Host[], changes = {}): GrayPlan =>
  planBatches({ service: 's', targets: hosts, fleet: hosts }, policy(changes));
const idsOf = (plan: GrayPlan) => plan.batches.map(({ hosts }) => hosts.map((h) => h.host_id));

it('cuts the user’s example as the user’s document does', () => {
  const hosts = exampleHosts();
  const plan = planBatches({ service: 'user-service', targets: hosts, fleet: hosts }, policy());
  expect(idsOf(plan)).toEqual([
    ['bj1-node-001'],
    ['sh1-node-001', 'sh2-node-001'],
    ['sh1-node-002', 'sh1-node-003', 'sh2-node-002', 'sh2-node-003'],
  ]);
  expect(plan.batches.map(({ observation_time }) => observation_time)).toEqual([
    '600s',
    '1800s',
    '3600s',
  ]);
  expect(plan.total_time).toBe('6000s');
  expect(plan.notes).toContain('3 fault domains by zone: bj1 1, sh1 3, sh2 3');
});

it('cuts the user’s example alike when only the names of its hosts tell the zones', () => {
  const bare = exampleHosts('s').map(({ host_id, host_ip, status, services }) => ({
    host_id,
    host_ip,
    status,
    services,
  }));
  expect(idsOf(planOf(bare)).map((ids) => ids.length)).toEqual([1, 2, 4]);
  expect(planOf(bare).notes[0]).toBe('3 fault domains by host names: bj1 1, sh1 3, sh2 3');
});

const domainCounts = (ids: string[], of: ReadonlyMap<string, string>) => {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(of.get(id) ?? '', (counts.get(of.get(id) ?? '') ?? 0) + 1);
  return counts;
};
const loadOf = ({ load }: Host) =>
  load === undefined || load === null ? Infinity : Math.max(load.cpu ?? 0, load.memory ?? 0);

/** All that a plan promises, told from the fleet alone. */
function check(hosts: Host[]): void {
  const plan = planOf(hosts);
  const healthy = hosts.filter(({ status }) => status === 'running');
  const planned = idsOf(plan).flat();
  expect([...planned].sort()).toEqual(healthy.map((h) => h.host_id).sort());
  const excluded = plan.excluded_hosts.map(({ host_id }) => host_id);
  expect([...excluded, ...planned].sort()).toEqual(hosts.map((h) => h.host_id).sort());
  if (healthy.length === 0) return;
  const { of } = faultDomainsOf(healthy);
  const sizes = domainCounts(
    healthy.map((h) => h.host_id),
    of,
  );
  const first = idsOf(plan)[0] ?? [];
  expect(first.length).toBeLessThanOrEqual(Math.max(1, Math.floor(healthy.length * 0.01)));
  const smallest = Math.min(...sizes.values());
  const candidates = [...sizes].filter(([, n]) => n === smallest).map(([name]) => name);
  const calmest = candidates.map((name) =>
    Math.min(...healthy.filter((h) => of.get(h.host_id) === name).map(loadOf)),
  );
  const canaries = healthy.filter(({ host_id }) => first.includes(host_id));
  const isCalmest = (host: Host) =>
    loadOf(host) === calmest[candidates.indexOf(of.get(host.host_id) ?? '')];
  expect(canaries.some(isCalmest)).toBe(true);
  const capacity = hostsOutAtOnce(healthy, 0.9).hosts;
  for (const [index, ids] of idsOf(plan).entries()) {
    expect(ids.length).toBeLessThanOrEqual(Math.max(1, capacity));
    if (index === plan.batches.length - 1 || sizes.size < 2) continue;
    for (const [name, count] of domainCounts(ids, of)) {
      expect(count).toBeLessThanOrEqual(Math.max(1, (sizes.get(name) ?? 0) / 2));
    }
  }
  expect(planOf([...hosts].reverse())).toEqual({ ...plan, excluded_hosts: expect.anything() });
}

/** `FLEETS=10000 npx jest test/steps/plan/release-plan` tries as many as the benchmark's table says. */
const RUNS = Number(process.env['FLEETS'] ?? 330);

it('keeps every promise for random fleets of up to 2,000 hosts', () => {
  fc.assert(fc.property(fleets(300), check), { numRuns: Math.ceil(RUNS * 0.9) });
  fc.assert(fc.property(fleets(2_000), check), { numRuns: Math.ceil(RUNS * 0.1) });
}, 600_000);

it.each([
  ['one host', [hostOf(0)], [1]],
  ['two hosts', [hostOf(0), hostOf(1)], [1, 1]],
  ['one zone', Array.from({ length: 9 }, (_, i) => hostOf(i, { zone: 'a' })), [1, 2, 4, 2]],
])('plans %s', (_name, hosts, sizes) => {
  expect(idsOf(planOf(hosts)).map((ids) => ids.length)).toEqual(sizes);
});

it('takes no more hosts at once than the remaining ones can replace', () => {
  const busy = Array.from({ length: 20 }, (_, i) =>
    hostOf(i, { zone: `z${i % 4}`, load: { cpu: 0.7 } }),
  );
  const plan = planOf(busy);
  // 20 hosts at 70 % of 90 %: four and a half hosts are spare.
  expect(Math.max(...idsOf(plan).map((ids) => ids.length))).toBe(4);
  expect(plan.notes.join()).toContain('the remaining hosts can carry the load of 4 hosts');
});

it('goes on host by host when there is nothing to spare, and says so', () => {
  const full = Array.from({ length: 5 }, (_, i) => hostOf(i, { load: { cpu: 0.95 } }));
  expect(idsOf(planOf(full)).map((ids) => ids.length)).toEqual([1, 1, 1, 1, 1]);
  expect(planOf(full).notes.join()).toContain(
    'even without one host the remaining ones are overloaded',
  );
});

it('leaves out hosts that are not healthy, with the reason', () => {
  const hosts = [hostOf(0), hostOf(1, { status: 'down' }), hostOf(2)];
  expect(planOf(hosts).excluded_hosts).toEqual([{ host_id: 'node-1', reason: 'host is down' }]);
});

it('counts on hosts that are no targets for traffic and capacity', () => {
  const fleet = Array.from({ length: 10 }, (_, i) => hostOf(i, { load: { cpu: 0.4 } }));
  const plan = planBatches({ service: 's', targets: fleet.slice(0, 4), fleet }, policy());
  expect(plan.serving_hosts).toBe(10);
  expect(idsOf(plan).flat()).toHaveLength(4);
});

it('keeps to the order that was asked for but for the canary', () => {
  const hosts = Array.from({ length: 7 }, (_, i) => hostOf(i, { load: { cpu: i / 100 } }));
  const order = new Map(['node-6', 'node-5', 'node-0'].map((id, rank) => [id, rank]));
  const plan = planBatches({ service: 's', targets: hosts, fleet: hosts, order }, policy());
  expect(idsOf(plan).slice(0, 2)).toEqual([['node-0'], ['node-5', 'node-6']]);
});

it('raises the growth until the plan has no more batches than the policy allows', () => {
  const hosts = Array.from({ length: 20_000 }, (_, i) => hostOf(i, { zone: `z${i % 7}` }));
  const sizes = idsOf(planOf(hosts)).map((ids) => ids.length);
  expect(sizes.length).toBeLessThanOrEqual(12);
  expect(sizes[0]).toBe(1);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(12_000);
});

it('begins a large fleet with the policy’s share of it', () => {
  const hosts = Array.from({ length: 2_000 }, (_, i) => hostOf(i, { zone: `z${i % 3}` }));
  expect(idsOf(planOf(hosts, { first_share: 0.005 }))[0]).toHaveLength(10);
});

it('says that versions serve side by side, and that several run already', () => {
  const hosts = [
    hostOf(0),
    hostOf(1, { services: [{ name: 's', version: 'v0.9', status: 'active' }] }),
  ];
  expect(planOf(hosts).notes.join()).toContain('2 versions run already (v0.9, v1.0.0)');
});

it.each([
  [
    'load and domains',
    { cpu: 0.2 },
    true,
    '1 host in 1 fault domain, the least loaded one of the smallest fault domain',
  ],
  ['load alone', { cpu: 0.2 }, false, '1 host, the least loaded one'],
  [
    'domains alone',
    undefined,
    true,
    '1 host in 1 fault domain, the first one of the smallest fault domain by id, because the load is not known',
  ],
  ['neither', undefined, false, '1 host, the first one by id, because the load is not known'],
])('names the canary by what is known: %s', (_name, load, zoned, text) => {
  const hosts = Array.from({ length: 6 }, (_, i) =>
    hostOf(i, { ...(zoned && { zone: `z${i % 3}` }), load }),
  );
  expect(planOf(hosts).batches[0]?.reason).toBe(`canary: ${text}`);
});

it('names no load and no domain where a single host is all there is', () => {
  expect(planOf([hostOf(0)]).batches[0]?.reason).toBe('canary: 1 host');
});
