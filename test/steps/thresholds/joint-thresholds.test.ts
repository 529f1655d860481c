import { falseStops } from '../../../src/steps/thresholds/false-stop-rate';
import { levelPlan } from '../../../src/steps/thresholds/joint-thresholds';
import { BEGIN, historyOf, METRICS } from '../../fixtures/synthetic-service';

const DAY = 86_400;
const RELEASE = 6_000;

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

it('keeps as advice what is not calm at any level inside its bounds', () => {
  const [metric] = METRICS;
  if (!metric) throw new Error('no metric');
  const history = historyOf(metric, { from: BEGIN, to: BEGIN + 7 * DAY }, 3, []);
  const tight = { ...metric.level, max: 0.09 };
  const plan = levelPlan([{ level: tight, history }], { start: BEGIN + 7 * DAY, seconds: RELEASE });
  expect(plan.rules[0]).toMatchObject({ advisory: true, threshold: { threshold: 0.09 } });
  expect(plan.falseStops.stopped).toBe(0);
});
