import { concurrentPairs, pairOf } from '../../../../src/steps/service-chain/logs/concurrent-calls';
import type { NestedCall } from '../../../../src/steps/service-chain/logs/nest-calls';
import { createRandom } from '../../../fixtures/random';

const random = createRandom(7);
/** An outer call around an inner one; `outer` says how long it takes for the inner one's time. */
const pairs = (count: number, outer: (inner: number) => number): NestedCall[] =>
  Array.from({ length: count }, () => {
    const inner = random.between(1, 50);
    const length = Math.max(inner, outer(inner));
    const call = (service: string, to: number) => ({
      service,
      request: 'r',
      from: 0,
      to,
      failed: false,
    });
    return { caller: call('search', length), callee: call('auth', inner) };
  });

it('calls that take their time whatever runs within them do not wait for it', () => {
  const calls = pairs(50, () => random.between(60, 90));
  expect([...concurrentPairs(calls)]).toEqual([pairOf(calls[0]!)]);
});

it('calls that grow with what runs within them wait for it', () => {
  expect(concurrentPairs(pairs(50, (inner) => inner + random.between(5, 10))).size).toBe(0);
});

it('a few calls show nothing', () => {
  expect(concurrentPairs(pairs(19, () => random.between(60, 90))).size).toBe(0);
});
