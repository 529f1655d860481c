import { buildCatalogue, cleanHelp } from '../../../src/steps/metrics/metric-catalogue';

const facts = (type: 'counter' | 'gauge' | 'histogram' | 'unknown', help = '', unit = '') => [
  { type, help, unit },
];

import { growth } from '../../fixtures/growth';

describe('buildCatalogue', () => {
  it('folds histograms and summaries into their families and drops creation times', () => {
    const names = ['d_bucket', 'd_sum', 'd_count', 's', 's_sum', 's_count', 'c_total', 'c_created'];
    expect(buildCatalogue(names, {}).map(({ name, type }) => [name, type])).toEqual([
      ['c_total', 'counter'],
      ['d', 'histogram'],
      ['s', 'summary'],
    ]);
  });

  it('takes sum and count that are described each by its own name for two counters', () => {
    const told = { dns_sum: facts('counter'), dns_count: facts('counter') };
    const found = buildCatalogue(['dns_sum', 'dns_count'], told);
    expect(found.map(({ name }) => name)).toEqual(['dns_count', 'dns_sum']);
  });

  it('leaves a name that only looks like part of a family alone', () => {
    const [found] = buildCatalogue(['open_files_count'], {});
    expect(found).toMatchObject({ name: 'open_files_count', type: 'unknown' });
  });

  it('finds the metadata of a counter that OpenMetrics keeps without _total', () => {
    const [found] = buildCatalogue(['x_total'], { x: facts('counter', 'Help.') });
    expect(found).toEqual({ name: 'x_total', type: 'counter', help: 'Help.', unit: '' });
  });

  it('infers types and units from suffixes where metadata says nothing', () => {
    const found = buildCatalogue(['a_seconds_total', 'b_bytes', 'constructor'], {
      b_bytes: facts('unknown'),
    });
    expect(found.map(({ type, unit }) => [type, unit])).toEqual([
      ['counter', 'seconds'],
      ['unknown', 'bytes'],
      ['unknown', ''],
    ]);
  });
});

describe('cleanHelp', () => {
  it('normalises, strips what is hidden and bounds the length by characters', () => {
    expect(cleanHelp('ｆull\u202e \u0007wide\u200b\n text')).toBe('full wide text');
    expect([...cleanHelp('😀'.repeat(200))]).toHaveLength(100);
  });
});

it.each([
  ['combining marks in the wrong order', '\u0301\u0323'],
  ['ligatures that become many letters', '\ufdfa'],
  ['white space', ' \n'],
  ['hidden characters', '\u200b'],
])('cleans a help text of 100,000 %s in time that does not explode', (_, text) => {
  const clean = cleanHelp(`a${text.repeat(50_000)}`);
  expect([...clean].length).toBeLessThanOrEqual(100);
  expect(growth((n) => void cleanHelp(`a${text.repeat(n)}`), 50_000)).toBeLessThan(3.5);
});
