import type { CatalogueMetric, MetricGroup } from '../../../src/domain/metrics';
import { groupsOf, type KnownGroup } from '../../../src/steps/knowledge/metric-groups';
import { selectByKnowledge } from '../../../src/steps/metrics/select-groups';
import { metric } from '../../fixtures/metric-facts';
import { shippedKnowledge } from '../../fixtures/knowledge';

let groups: KnownGroup[];
beforeAll(async () => {
  groups = groupsOf('general', await shippedKnowledge());
});

const chosen = (metrics: CatalogueMetric[]): MetricGroup[] =>
  selectByKnowledge({
    shortlist: { scope: { kind: 'none' }, metrics },
    groups,
    pinned: [],
    risks: [],
  });
const within = (metrics: CatalogueMetric[], name: string) =>
  chosen(metrics).find((group) => group.name === name)?.candidates;

describe('a service of a kind that nobody described', () => {
  it('is watched by what its callees and its store answer it', () => {
    const calls = metric('http_client_request_duration_seconds', 'histogram');
    const store = metric('db_client_operation_duration_seconds', 'histogram');
    expect(within([calls, store], 'Error Rate')).toEqual([calls.name]);
    expect(within([calls, store], 'Latency')).toEqual([calls.name, store.name]);
  });

  it('has what is used by what there is, failures by all, hits by misses', () => {
    const gauges = ['shop_workers_busy', 'shop_workers_max', 'shop_queue_length'];
    const counters = ['shop_mails_failed_total', 'shop_mails_total', 'shop_hits', 'shop_misses'];
    const metrics = [
      ...gauges.map((name) => metric(name)),
      ...counters.map((name) => metric(name, 'counter')),
    ];
    expect(within(metrics, 'Saturation')).toEqual(['shop_workers_busy']);
    expect(within(metrics, 'Error Rate')).toEqual(['shop_mails_failed_total']);
    expect(within(metrics, 'Cache')).toEqual(['shop_hits']);
    expect(within(metrics, 'Queue')).toEqual(['shop_queue_length']);
  });

  it('shows what patterns of several groups take once, where they say most of its name', () => {
    const pool = ['shop_pool_connections_in_use', 'shop_pool_connections_max'];
    const metrics = pool.map((name) => metric(name));
    expect(within(metrics, 'Connections')).toEqual(['shop_pool_connections_in_use']);
    expect(within(metrics, 'Saturation')).toBeUndefined();
  });

  it('prefers what must never happen and the plain name to what tells of the measuring', () => {
    const names = ['shop_exporter_scrape_errors_total', 'shop_panics_total', 'shop_errors_total'];
    const found = within(
      names.map((name) => metric(name, 'counter')),
      'Error Rate',
    );
    expect(found?.[0]).toBe('shop_panics_total');
    expect(found?.at(-1)).toBe('shop_exporter_scrape_errors_total');
  });
});
