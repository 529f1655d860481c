import fc from 'fast-check';
import type { Host } from '../../src/domain/host';
import { acceptPlanProposal, planBatches } from '../../src/steps/release-plan';
import { exampleHosts } from '../servers/stack';

const policy = {
  first_batch: 1,
  growth: 2,
  max_share: 0.6,
  max_batches: 12,
  observation: ['600s', '1800s', '3600s'],
  repair_observation: ['600s', '1800s', '3600s'],
};

it('cuts the user’s example as the user’s document does', () => {
  const plan = planBatches('user-service', exampleHosts(), policy);
  expect(plan.batches.map(({ hosts }) => hosts.map(({ host_id }) => host_id))).toEqual([
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
});

const fleet = fc
  .array(
    fc.record({
      zone: fc.integer({ min: 1, max: 12 }),
      cpu: fc.double({ min: 0, max: 1, noNaN: true }),
      up: fc.integer({ min: 0, max: 9 }),
    }),
    { minLength: 1, maxLength: 400 },
  )
  .map((list) =>
    list.map(({ zone, cpu, up }, i): Host => ({
      host_id: `z${zone}-node-${i}`,
      host_ip: '10.0.0.1',
      status: up === 0 ? 'down' : 'running',
      services: [{ name: 's', version: 'v1', status: 'active' }],
      load: { cpu, memory: 0 },
    })),
  );

it('has every healthy host in exactly one batch, starts small and is the same each time', () => {
  fc.assert(
    fc.property(fleet, (hosts) => {
      const plan = planBatches('s', hosts, policy);
      const planned = plan.batches.flatMap((batch) => batch.hosts.map(({ host_id }) => host_id));
      const healthy = hosts
        .filter(({ status }) => status === 'running')
        .map(({ host_id }) => host_id);
      expect([...planned].sort()).toEqual([...healthy].sort());
      expect(plan.excluded_hosts).toHaveLength(hosts.length - healthy.length);
      expect(plan.batches.length).toBeLessThanOrEqual(policy.max_batches);
      if (healthy.length > 0) expect(plan.batches[0]?.hosts).toHaveLength(1);
      expect(planBatches('s', [...hosts].reverse(), policy)).toMatchObject({
        batches: plan.batches,
      });
    }),
    { numRuns: 300 },
  );
});

it('keeps to the largest share and the number of batches for a fleet of 20,000', () => {
  const hosts = Array.from(
    { length: 20_000 },
    (_, i) => ({ ...exampleHosts('s')[0], host_id: `z${i % 7}-${i}` }) as Host,
  );
  const plan = planBatches('s', hosts, policy);
  expect(plan.batches.length).toBeLessThanOrEqual(12);
  expect(plan.batches.reduce((sum, batch) => sum + batch.hosts.length, 0)).toBe(20_000);
  expect(Math.max(...plan.batches.map(({ hosts: h }) => h.length))).toBeLessThanOrEqual(12_000);
});

it('lets a proposal lengthen an observation up to the cap, and nothing else', () => {
  const plan = planBatches('user-service', exampleHosts(), policy);
  const accepted = acceptPlanProposal(
    plan,
    {
      batches: [
        { batch_id: 1, observation_seconds: 1 },
        { batch_id: 2, observation_seconds: 1e9 },
        { batch_id: 9, observation_seconds: 900 },
      ],
    },
    '7200s',
  );
  expect(accepted.batches.map(({ observation_time }) => observation_time)).toEqual([
    '600s',
    '7200s',
    '3600s',
  ]);
  expect(accepted.batches.map(({ hosts }) => hosts)).toEqual(
    plan.batches.map(({ hosts }) => hosts),
  );
});
