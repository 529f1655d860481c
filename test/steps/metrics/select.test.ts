import { acceptMetricProposal } from '../../../src/steps/metrics/proposal';
import { selectByKnowledge, type SelectionFacts } from '../../../src/steps/metrics/select';
import { group, level, metric } from '../../fixtures/metric-facts';

const groups = [
  group('Memory', [level({ match: ['rss', '*_memory'] })], ['memory']),
  group('Queue', [level({ match: ['*_backlog'] })], ['queue']),
];
const facts = (changes: Partial<SelectionFacts> = {}): SelectionFacts => ({
  shortlist: {
    scope: { kind: 'none' },
    metrics: ['a_memory', 'b_memory', 'c_memory', 'd_memory', 'e_memory', 'rss', 'odd'].map(
      (name) => metric(name),
    ),
  },
  groups,
  pinned: [],
  risks: [{ type: 'memory_leak', watch: ['Memory'], severity: 'high' }],
  ...changes,
});

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

describe('acceptMetricProposal', () => {
  const chosen = selectByKnowledge(facts());
  const accept = (name: string, metrics: string[]) =>
    acceptMetricProposal({ groups: [{ name, metrics }] }, chosen, facts());

  it('adds and reorders, and removes nothing that the knowledge base chose', () => {
    expect(accept('Memory', ['m5', 'm1'])[0]?.candidates).toEqual([
      'e_memory',
      'a_memory',
      'rss',
      'b_memory',
    ]);
  });

  it('drops ids and groups that do not exist', () => {
    for (const id of ['m0', 'm8', 'm01', 'rss', '__proto__', 'm1 ', 'm999999999']) {
      expect(accept('Memory', [id])).toEqual(chosen);
    }
    expect(accept('Invented', ['m1'])).toEqual(chosen);
  });

  it('bounds what is added', () => {
    const all = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];
    expect(accept('Memory', all)[0]?.candidates).toHaveLength(6);
  });
});
