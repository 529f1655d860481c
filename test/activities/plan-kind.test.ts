import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveJson } from '../../sandbox/http-server';
import type { Deps } from '../../src/activities/runtime/activity-deps';
import { planGrayStrategy } from '../../src/activities/plan-gray-strategy';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus';
import { shippedKnowledge } from '../fixtures/knowledge';

const hosts = Array.from({ length: 5 }, (_, i) => ({
  ...{ host_id: `node-${i}`, host_ip: `10.0.0.${i + 1}`, status: 'running' },
  services: [{ name: 'basket', version: 'v1.0.0', status: 'active' }],
}));

async function planned(url: string) {
  const deps = {
    ...{
      model: undefined,
      knowledge: await shippedKnowledge(),
      prometheusServiceLabels: ['service'],
      prometheusHostLabels: ['instance'],
    },
    prometheus: createPrometheus({ url }),
    releaseSystem: { hostsOf: () => Promise.resolve(hosts) } as unknown as Deps['releaseSystem'],
  };
  const { result } = await planGrayStrategy(deps, { service: 'basket', version: 'v1.1.0' });
  const { policy, policy_reason: reason } = result.details.gray_strategy;
  return { policy, reason };
}

it('takes the policy of a store for a service without a profile whose metrics are those of one', async () => {
  const names = [
    'redis_up',
    'redis_connected_clients',
    'redis_memory_used_bytes',
    'redis_uptime_in_seconds',
  ];
  const more = [
    'redis_blocked_clients',
    'redis_rejected_connections_total',
    'redis_evicted_keys_total',
  ];
  const server = await serveJson(() => ({
    body: { status: 'success', data: [...names, ...more] },
  }));
  expect(await planned(server.url)).toEqual({
    policy: 'stateful',
    reason: 'the service is of kind redis by the names of its metrics',
  });
  await server.stop();
});

it('plans by the other policies where Prometheus is away, and says that the kind is not known', async () => {
  const { policy, reason } = await planned('http://127.0.0.1:1');
  expect([policy, reason]).toEqual([
    'default',
    expect.stringContaining('the kind of the service is not known'),
  ]);
});

it('does not wait for a Prometheus that does not answer', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { policy } = await planned(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  expect(policy).toBe('default');
  silent.closeAllConnections();
  silent.close();
}, 15_000);
