import { acceptMetricProposal } from '../../../src/steps/metrics/metric-proposal';
import { selectByKnowledge } from '../../../src/steps/metrics/select-groups';
import { facts } from '../../fixtures/selection-facts';

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
