import { createChainCache } from '../../../src/activities/runtime/chain-cache';
import { traceServiceChain } from '../../../src/activities/trace-service-chain';
import type { Topology } from '../../../src/adapters/topology/topology';
import { chain } from '../../fixtures/outcomes';

const now = '2026-11-24T20:01:00.000Z';

it('keeps a whole chain for five minutes and a partial one for one', () => {
  let at = 0;
  const cache = createChainCache(() => at);
  cache.put('a', now, { ...chain, status: 'ok' });
  cache.put('b', now, { ...chain, status: 'partial' });
  at = 59_000;
  expect([cache.get('a', now), cache.get('b', now)].every(Boolean)).toBe(true);
  at = 61_000;
  expect(cache.get('a', now)).toBeDefined();
  expect(cache.get('b', now)).toBeUndefined();
  at = 301_000;
  expect(cache.get('a', now)).toBeUndefined();
});

it('tells services and windows apart, and keeps a hundred at the most', () => {
  const cache = createChainCache(() => 0);
  cache.put('a', now, chain);
  expect(cache.get('a', '2026-11-24T20:04:59.000Z')).toBe(chain);
  expect(cache.get('a', '2026-11-24T20:05:00.000Z')).toBeUndefined();
  expect(cache.get('b', now)).toBeUndefined();
  for (let i = 0; i < 100; i += 1) cache.put(`s${i}`, now, chain);
  expect(cache.get('a', now)).toBeUndefined();
});

it('reads a chain once for two preparations of one window', async () => {
  let reads = 0;
  const topology: Topology = {
    trace: () => {
      reads += 1;
      const source = { indices: [], window: { from: now, to: now } };
      return Promise.resolve({ readings: [], source, notes: [] });
    },
  };
  const deps = { topology, chainCache: createChainCache() };
  await traceServiceChain(deps, { service: 's', now });
  await traceServiceChain(deps, { service: 's', now });
  expect(reads).toBe(1);
});
