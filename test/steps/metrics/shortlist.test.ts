import { shortlistCatalogue, tokensOf } from '../../../src/steps/metrics/shortlist';
import { group, level, metric } from '../../fixtures/metric-facts';

const groups = [group('Queue', [level({ match: ['*_backlog'] })], ['waiting', 'pending'])];
const facts = { service: 'shop', scope: { kind: 'none' as const }, groups, pinned: [], words: [] };
const noise = Array.from({ length: 2000 }, (_, index) => metric(`other_thing_${index}`));

describe('shortlistCatalogue', () => {
  it('keeps at most 300: the pinned, those of the patterns, then those that speak of the words', () => {
    const wanted = [metric('zz_backlog'), metric('jobs_waiting'), metric('x', 'gauge', 'Pending.')];
    const { metrics, catalogueSize } = shortlistCatalogue({
      ...facts,
      catalogue: [...noise, ...wanted],
      pinned: ['other_thing_1999'],
    });
    expect(metrics.map(({ name }) => name)).toEqual([
      'other_thing_1999',
      'zz_backlog',
      'jobs_waiting',
      'x',
    ]);
    expect(catalogueSize).toBe(2003);
  });

  it('keeps a small catalogue whole', () => {
    const catalogue = noise.slice(0, 200);
    expect(shortlistCatalogue({ ...facts, catalogue }).metrics).toHaveLength(200);
  });

  it('keeps a pinned metric that does not exist, so that its absence is seen', () => {
    const { metrics } = shortlistCatalogue({ ...facts, catalogue: [], pinned: ['gone_total'] });
    expect(metrics).toEqual([{ name: 'gone_total', type: 'unknown', help: '', unit: '' }]);
  });

  it('keeps what documents name, however much conventions match beside it', () => {
    const many = Array.from({ length: 500 }, (_, index) => metric(`shop_a${index}_backlog`));
    const named = group('Jobs', [level({ match: ['zz_left'] })]);
    const catalogue = [...many, metric('zz_left')];
    const { metrics } = shortlistCatalogue({ ...facts, groups: [...groups, named], catalogue });
    expect(metrics[0]?.name).toBe('zz_left');
    // And takes no second place: 240 by patterns, before those of other words.
    const named240 = metrics.filter(({ name }) => /_backlog$|zz_left/.test(name));
    expect(named240.length).toBeGreaterThanOrEqual(240);
  });

  it('is bounded however much the patterns match', () => {
    const many = [group('All', [level({ match: ['other_*'] })], ['thing'])];
    const { metrics } = shortlistCatalogue({ ...facts, groups: many, catalogue: noise });
    expect(metrics).toHaveLength(300);
  });
});

describe('tokensOf', () => {
  it('splits names at underscores, dots and capitals', () => {
    expect(tokensOf('http.server_requestDuration-seconds')).toEqual([
      'http',
      'server',
      'request',
      'duration',
      'seconds',
    ]);
  });
});
