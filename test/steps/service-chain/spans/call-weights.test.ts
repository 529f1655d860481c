import { callWeights } from '../../../../src/steps/service-chain/spans/call-weights';
import type { Call } from '../../../../src/steps/service-chain/call';
import { span } from '../../../fixtures/spans/spans';

const call = (...traces: string[]): Call => ({
  ...{ caller: 'a', callee: 'b', via: 'link', failed: false, at: null },
  traces,
});
const weights = (sampled: number, total: number, sample?: string[], spans = [span('x', 'a')]) =>
  callWeights({
    ...{ kind: 'spans', schema: 'otel', earlier: false, traces: { sampled, total }, spans },
    ...(sample && { sample }),
  });

it('a call stands for one where every trace was read, and for as many as were left out', () => {
  expect(weights(10, 10)(call('t'))).toBe(1);
  expect(weights(10, 100)(call('t'))).toBe(10);
});

it('a call of the sample stands for more than one of a trace that links led to', () => {
  const links = Array.from({ length: 100 }, (_, n) => ({ trace: `p${n}`, id: 'x' }));
  const batch = span('batch', 'b', { trace: 'batch', links });
  const of = weights(10, 100, ['p0'], [span('x', 'a', { trace: 'p0' }), batch]);
  expect(of(call('p0'))).toBe(10);
  // A batch of 100 messages is read whichever of them are sampled.
  expect(of(call('batch'))).toBeCloseTo(1, 3);
});

it('a trace of one message was as unlikely to be read as the message', () => {
  const reader = span('r', 'b', { trace: 'r', links: [{ trace: 'p0', id: 'x' }] });
  const of = weights(10, 100, ['p0'], [span('x', 'a', { trace: 'p0' }), reader]);
  expect(of(call('r'))).toBeCloseTo(10, 6);
});

it('a trace found by its topic alone stands for itself', () => {
  expect(weights(10, 100, ['p0'])(call('elsewhere'))).toBe(1);
});
