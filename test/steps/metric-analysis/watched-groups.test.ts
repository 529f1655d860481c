import { WatchedGroup } from '../../../src/domain/metrics';
import { measured, watchedOf } from '../../fixtures/measured-rules';

describe('watchedGroups', () => {
  it('gives each candidate its rule and its human threshold, and leaves out empty groups', () => {
    const groups = watchedOf(measured());
    expect(groups).toHaveLength(1);
    const [memory] = groups;
    expect(WatchedGroup.parse(memory)).toEqual(memory);
    expect(memory?.rules[0]).toMatchObject({ judgeable: 'judgeable', source: 'history' });
    expect(memory?.thresholds).toEqual([`${memory?.rules[0]?.threshold}B`]);
  });
});
