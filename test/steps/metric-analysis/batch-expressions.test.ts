import type { MetricAnalysisDetails, Rule } from '../../../src/domain/metrics';
import { withBatchExpressions } from '../../../src/steps/metric-analysis/batch-expressions';

const host = (n: number) => ({ host_id: `web-${n}`, host_ip: `10.0.0.${n}` });
const values = (count: number) =>
  Array.from({ length: count }, (_, index) => `10.0.${Math.floor(index / 250)}.${index % 250}:80`);
const relative = {
  expr: 'max(m{instance=~"$batch"}) / (max(m{instance=~"$others"}) > 0)',
  host_label: 'instance',
  op: '>' as const,
  ratio: 1.5,
  for: '300s',
  backtest: { windows: 10, fired: 0 },
};
const rule = (changes: Partial<Rule> = {}): Rule => ({
  candidate: 'm',
  expr: 'max(m)',
  op: '>',
  threshold: 9,
  unit: 'count',
  for: '300s',
  severity: 'high',
  baseline: { window: { from: '', to: '' }, samples: 9, p50: 1, p95: 1, p99: 1, max: 1 },
  backtest: { windows: 10, fired: 0 },
  judgeable: 'judgeable',
  host_set: 0,
  source: 'history',
  relative,
  ...changes,
});
const details = (one: Rule, hosts = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80']) =>
  ({
    metrics: [{ name: 'Queue', candidates: ['m'], thresholds: ['9'], rules: [one], watches: [] }],
    service: 'shop',
    scope: { kind: 'none' },
    catalogue_size: 1,
    host_sets: [{ label: 'instance', values: hosts }],
    reasoning: { mode: 'knowledge' },
  }) satisfies MetricAnalysisDetails;
const batches = [
  { batch_id: 1, hosts: [host(1)] },
  { batch_id: 2, hosts: [host(2)] },
  { batch_id: 3, hosts: [host(3)] },
];
const filled = (one: Rule, hosts?: string[]) =>
  withBatchExpressions(details(one, hosts), batches).metrics[0]?.rules[0]?.relative?.batches;

describe('withBatchExpressions', () => {
  it('sets the hosts of each batch against those that no batch has released yet', () => {
    expect(filled(rule())?.map(({ batch_id, expr }) => [batch_id, expr])).toEqual([
      [
        1,
        String.raw`max(m{instance=~"10\\.0\\.0\\.1:80"}) / (max(m{instance=~"10\\.0\\.0\\.2:80|10\\.0\\.0\\.3:80"}) > 0)`,
      ],
      [
        2,
        String.raw`max(m{instance=~"10\\.0\\.0\\.2:80"}) / (max(m{instance=~"10\\.0\\.0\\.3:80"}) > 0)`,
      ],
    ]);
  });

  it('compares the last batch with hosts that are no targets, where there are any', () => {
    const more = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.9:80'];
    expect(filled(rule(), more)?.at(-1)).toMatchObject({ batch_id: 3 });
  });

  it('leaves a template alone where hosts are unknown, by another label, or more than 200', () => {
    expect(filled(rule({ host_set: undefined }))).toBeUndefined();
    expect(filled(rule({ relative: { ...relative, host_label: 'pod' } }))).toBeUndefined();
    expect(filled(rule(), values(201))).toBeUndefined();
    expect(filled(rule(), values(200))).toBeDefined();
  });

  it('changes nothing of a rule without a template', () => {
    const plain = details(rule({ relative: undefined }));
    expect(withBatchExpressions(plain, batches)).toEqual(plain);
  });
});
