import { withoutRepeatedStreams } from '../../../src/steps/metric-analysis/repeated-streams';
import { measured } from '../../fixtures/measured-rules';
import { history, level, wave } from '../../fixtures/metric-facts';

const traffic = (candidate: string, values: number[], op: '<' | '>' = '<') =>
  measured({
    group: 'Traffic',
    candidate,
    form: { level: level({ form: 'rate', op, unit: 'per_second' }), expr: candidate, watched: '' },
    history: history(values),
  });
const requests = wave(100, 34, 5);
const namesOf = (...rules: Parameters<typeof withoutRepeatedStreams>[0]) =>
  withoutRepeatedStreams(rules).map(({ candidate }) => candidate);

describe('withoutRepeatedStreams', () => {
  it('keeps one of a counter and the count of the histogram of the same requests', () => {
    const count = requests.map((value) => value * 1.01);
    expect(namesOf(traffic('requests', requests), traffic('duration', count))).toEqual([
      'requests',
    ]);
    const four = requests.slice(0, 4);
    expect(namesOf(traffic('requests', four), traffic('duration', four))).toEqual(['requests']);
  });

  it('keeps streams that differ, also where one is a part of the other', () => {
    const half = requests.map((value) => value / 2);
    expect(namesOf(traffic('all', requests), traffic('half', half))).toHaveLength(2);
  });

  it('keeps what never counted anything, what has no history, and rules that watch for a rise', () => {
    const silent = Array<number>(50).fill(0);
    expect(namesOf(traffic('a', silent), traffic('b', silent))).toHaveLength(2);
    expect(namesOf(traffic('a', []), traffic('b', []))).toHaveLength(2);
    expect(namesOf(traffic('a', requests, '>'), traffic('b', requests, '>'))).toHaveLength(2);
  });
});
