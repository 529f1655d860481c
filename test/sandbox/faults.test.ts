import { faultOf, type FaultKind } from '../../sandbox/faults';
import type { Accepted } from '../../sandbox/host-changes';
import { compile } from '../../sandbox/prometheus/evaluate';
import { createMetrics, seriesOf } from '../../sandbox/prometheus/series';

const T0 = 1_760_000_000;
const HOSTS = ['bj1-node-001', 'sh1-node-001', 'sh1-node-002', 'sh2-node-001'];
let count = 0;
const change = (
  at: number,
  done: { version: string; hosts: string[] } | { action: string; hosts: string[] },
): Accepted => {
  const { hosts, ...what } = done;
  const times = { at: (T0 + at) * 1000, until: (T0 + at + 2) * 1000 };
  const common = { id: `${(count += 1)}`, key: `${count}`, service: 'user-service', ...times };
  return 'version' in what
    ? { kind: 'deployment', ...common, ...what, host_ids: hosts }
    : { kind: 'mitigation', ...common, ...what, host_ids: hosts };
};

/** The value of an expression so many seconds after the begin. */
function worldOf(kind: FaultKind, changes: Accepted[]) {
  const fault = faultOf(kind, { version: 'v2', changes: () => changes });
  const series = seriesOf(createMetrics({ requests: 100, fault }));
  return (expr: string, at: number) => compile(expr, series)(T0 + at)[0]?.value ?? NaN;
}
const P99 =
  'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[4s])))';
const ERRORS =
  'sum(rate(http_requests_total{code="500"}[4s])) / sum(rate(http_requests_total[4s]))';
const MEMORY = 'max(process_resident_memory_bytes)';

it('shows the fault once three hosts run the candidate, and no longer once they are rolled back', () => {
  const valueAt = worldOf('latency', [
    change(0, { version: 'v2', hosts: HOSTS.slice(0, 1) }),
    change(20, { version: 'v2', hosts: HOSTS.slice(1, 3) }),
    change(40, { version: 'v1', hosts: HOSTS.slice(0, 3) }),
  ]);
  const calm = valueAt(P99, -10);
  expect(valueAt(P99, 15)).toBeCloseTo(calm, 6);
  expect(valueAt(P99, 30)).toBeGreaterThan(2 * calm);
  expect(valueAt(P99, 60)).toBeCloseTo(calm, 6);
});

it('ends leaked memory by a mitigation, and wrong answers by nothing but another version', () => {
  const until = (kind: FaultKind) =>
    worldOf(kind, [
      change(0, { version: 'v2', hosts: HOSTS }),
      change(20, { action: 'restart', hosts: HOSTS }),
    ]);
  expect(until('memory')(MEMORY, 10) - until('memory')(MEMORY, -10)).toBeGreaterThan(3e8);
  expect(until('memory')(MEMORY, 30) - until('memory')(MEMORY, -10)).toBeLessThan(1e8);
  expect(until('errors')(ERRORS, 10)).toBeGreaterThan(0.01);
  expect(until('errors')(ERRORS, 30)).toBeGreaterThan(0.01);
  expect(until('memory')(ERRORS, 10)).toBeCloseTo(0.0004, 6);
});
