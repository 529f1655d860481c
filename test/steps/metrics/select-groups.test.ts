import { selectByKnowledge } from '../../../src/steps/metrics/select-groups';
import { group, level, metric } from '../../fixtures/metric-facts';
import { facts, groups } from '../../fixtures/selection-facts';

describe('selectByKnowledge', () => {
  it('orders candidates as the document does, at most 2 by conventions of saturation, and says which risks a group watches', () => {
    expect(selectByKnowledge(facts())).toEqual([
      {
        name: 'Memory',
        candidates: ['rss', 'a_memory', 'b_memory'],
        watches: ['memory_leak'],
      },
    ]);
  });

  it('shows four metrics that documents name', () => {
    const named = group('Memory', [
      level({ match: ['a_memory', 'b_memory', 'c_m*', 'd_m*', 'rss'] }),
    ]);
    const [chosen] = selectByKnowledge(facts({ groups: [named] }));
    expect(chosen?.candidates).toEqual(['a_memory', 'b_memory', 'c_memory', 'd_memory']);
  });

  it('puts pinned metrics first, and those that no pattern knows into the group of their words', () => {
    const pinned = ['e_memory', 'odd', 'queue_gone'];
    const metrics = [...facts().shortlist.metrics, metric('queue_gone')];
    const shortlist = { ...facts().shortlist, metrics };
    const chosen = selectByKnowledge(facts({ pinned, shortlist }));
    expect(chosen.flatMap(({ candidates }) => candidates)).toEqual(expect.arrayContaining(pinned));
    expect(chosen.find(({ name }) => name === 'Queue')?.candidates).toEqual(['queue_gone']);
  });

  it('takes a name before the pattern that stands above it, so that its document has the last word', () => {
    const levels = [level({ match: ['*_memory'], form: 'growth' }), level({ match: ['a_memory'] })];
    const [chosen] = selectByKnowledge(facts({ groups: [group('Memory', levels)] }));
    expect(chosen?.candidates).toEqual(['a_memory', 'b_memory', 'c_memory']);
  });

  it('adds one metric of a known namespace for a golden signal that no document covers, once per signal', () => {
    const signals = (name: string, signal: 'errors' | 'latency', match: string[]) => ({
      ...group(name, [level({ match })]),
      signal,
    });
    const named = signals('Named', 'latency', ['app_seconds']);
    const first = signals('First', 'errors', ['*_errors']);
    const second = signals('Second', 'errors', ['*_failures']);
    const slow = signals('Slow', 'latency', ['*_delay']);
    const metrics = ['app_seconds', 'app_a_errors', 'app_b_errors', 'app_failures', 'app_delay'];
    const shortlist = { ...facts().shortlist, metrics: metrics.map((name) => metric(name)) };
    const chosen = selectByKnowledge(facts({ groups: [named, first, second, slow], shortlist }));
    expect(chosen.map(({ name, candidates }) => [name, candidates])).toEqual([
      ['Named', ['app_seconds']],
      ['First', ['app_a_errors']],
    ]);
  });

  it('keeps a metric out of a group that takes it by chance when another names it', () => {
    const chance = group('Chance', [level({ match: ['*ss'] })]);
    const other = group('Other form', [level({ match: ['r*'], form: 'ratio', of: ['odd'] })]);
    const chosen = selectByKnowledge(facts({ groups: [chance, other, ...groups] }));
    expect(chosen.map(({ name }) => name)).toEqual(['Other form', 'Memory']);
  });

  it('keeps the groups that watch a risk when there are more than a person reads', () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      group(`G${index}`, [level({ match: ['rss'] })]),
    );
    const risks = [{ type: 'x', watch: ['G19'], severity: 'low' }];
    const chosen = selectByKnowledge(facts({ groups: many, risks }));
    expect(chosen).toHaveLength(12);
    expect(chosen.at(-1)?.name).toBe('G19');
  });
});
