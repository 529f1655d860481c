import { levelPlan } from '../../../src/steps/thresholds/joint-thresholds';
import { BEGIN, historyOf, METRICS } from '../../fixtures/synthetic-service';

const DAY = 86_400;
const RELEASE = 6_000;

it('keeps as advice what is not calm at any level inside its bounds', () => {
  const [metric] = METRICS;
  if (!metric) throw new Error('no metric');
  const history = historyOf(metric, { from: BEGIN, to: BEGIN + 7 * DAY }, 3, []);
  const tight = { ...metric.level, max: 0.09 };
  const plan = levelPlan([{ level: tight, history }], { start: BEGIN + 7 * DAY, seconds: RELEASE });
  expect(plan.rules[0]).toMatchObject({ advisory: true, threshold: { threshold: 0.09 } });
  expect(plan.falseStops.stopped).toBe(0);
});

describe('levelPlan', () => {
  const [first, second] = METRICS;
  if (!first || !second) throw new Error('no metric');
  const span = { from: BEGIN, to: BEGIN + 7 * DAY };
  const release = { start: span.to, seconds: RELEASE };

  it('keeps the order of the rules, and leaves out the level of a rule that nothing gives one', () => {
    const unknown = { ...first.level, default: null };
    const plan = levelPlan(
      [
        { level: unknown, history: { samples: [], stepSeconds: 300 } },
        { level: second.level, history: historyOf(second, span, 3, []) },
      ],
      release,
    );
    expect(plan.rules.map((rule) => rule === undefined)).toEqual([true, false]);
  });

  it('demotes only as many rules as are noisy, and stops at most one calm release in 20', () => {
    const tight = { ...first.level, max: 0.09 };
    const plan = levelPlan(
      [
        { level: tight, history: historyOf(first, span, 3, []) },
        { level: second.level, history: historyOf(second, span, 3, []) },
      ],
      release,
    );
    expect(plan.rules.map((rule) => rule?.advisory)).toEqual([true, false]);
    const { stopped, releases } = plan.falseStops;
    expect(stopped).toBeLessThanOrEqual(0.05 * releases);
  });
});
