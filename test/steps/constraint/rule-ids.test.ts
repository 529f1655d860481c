import type { WatchedGroup } from '../../../src/domain/metrics';
import { ruleIdsOf } from '../../../src/steps/constraint/rule-ids';

const group = (name: string, candidates: string[], beside?: WatchedGroup['beside']) =>
  ({ name, beside, rules: candidates.map((candidate) => ({ candidate })) }) as WatchedGroup;

it('gives each rule an id of its own, though a metric is in several groups and places', () => {
  const ids = ruleIdsOf([
    group('Error Rate', ['http_requests_total', 'http_requests_total']),
    group('Traffic', ['http_requests_total']),
    group('Traffic', ['http_requests_total'], { kind: 'hosts', label: 'instance' }),
    group('Traffic', ['http_requests_total'], { kind: 'neighbour', service: 'cart' }),
    group('流量', ['http_requests_total']),
  ]).flat();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids[0]).toBe('error_rate/http_requests_total');
  expect(ids[1]).toBe('error_rate/http_requests_total#2');
});

it('keeps the id of a rule when other rules come and go', () => {
  const before = ruleIdsOf([group('CPU', ['a']), group('Traffic', ['b'])]).flat();
  const after = ruleIdsOf([group('Memory', ['c']), group('Traffic', ['d', 'b'])]).flat();
  expect(after).toContain(before[1]);
});
