import { falseStops } from '../../../src/steps/thresholds/false-stop-rate';

describe('falseStops', () => {
  const span = { from: 0, to: 60_000 };

  it('counts a release once, however many rules stop it', () => {
    const one = falseStops(span, [], [[{ from: 30_000, to: 30_600 }]], 6_000);
    const many = falseStops(span, [], Array(9).fill([{ from: 30_000, to: 30_600 }]), 6_000);
    expect(one).toEqual({ releases: 91, stopped: 12 });
    expect(many).toEqual(one);
  });

  it('takes no release that touches an outage for a calm one', () => {
    const outage = [{ from: 30_000, to: 30_600 }];
    expect(falseStops(span, outage, [outage], 6_000)).toEqual({ releases: 79, stopped: 0 });
  });

  it('knows nothing of releases longer than history', () => {
    expect(falseStops(span, [], [[span]], 90_000)).toEqual({ releases: 0, stopped: 0 });
  });
});
