import { firingsOf, type Period } from '../../../src/steps/thresholds/backtest';
import { parseSeconds } from '../../../src/steps/text/parse-seconds';
import { MAX_FALSE_STOPS, rateOf } from '../../../src/steps/thresholds/false-stop-rate';
import { formatLevel, parseLevel } from '../../../src/steps/thresholds/format-level';
import { levelPlan, type LevelledPlan } from '../../../src/steps/thresholds/joint-thresholds';
import {
  accidentsOf,
  BEGIN,
  historyOf,
  METRICS,
  run,
  STEP,
  type Fault,
  type Kind,
  type SyntheticMetric,
} from '../../fixtures/synthetic-service';

jest.setTimeout(120_000);

const DAY = 86_400;
const RELEASE = 6_000;

/** Levels from `days` of history that hold known accidents; the release begins where it ends. */
function planned(seed: number, days: number, release: { hour: number; seconds: number }) {
  const end = BEGIN + days * DAY + release.hour * 3600;
  const span = { from: end - days * DAY, to: end };
  const accidents = accidentsOf(span.from);
  const rules = METRICS.map((metric) => ({
    level: metric.level,
    history: historyOf(metric, span, seed, accidents),
  }));
  return { end, plan: levelPlan(rules, { start: end, seconds: release.seconds }), accidents };
}

/** When the rule of a metric fires on what really follows. */
function fires(
  plan: LevelledPlan,
  metric: SyntheticMetric,
  span: Period,
  seed: number,
  faults: Fault[] = [],
): Period[] {
  const rule = plan.rules[METRICS.indexOf(metric)];
  if (rule === undefined || rule.advisory) return [];
  const { threshold } = rule;
  const history = { samples: run(metric, span, seed, faults), stepSeconds: STEP };
  const forSeconds = parseSeconds(threshold.for);
  return firingsOf(history, { op: metric.level.op, threshold: threshold.threshold, forSeconds });
}

const WORLDS = [
  { seed: 11, hour: 2 },
  { seed: 12, hour: 9 },
  { seed: 13, hour: 14 },
  { seed: 14, hour: 20 },
];
const plans = WORLDS.map(({ seed, hour }) => planned(seed, 14, { hour, seconds: RELEASE }));

it('predicts the firing of a held-out week within one per metric, from a week with accidents', () => {
  const { end, plan } = planned(5, 7, { hour: 0, seconds: 7 * DAY });
  const week = { from: end, to: end + 7 * DAY };
  for (const metric of METRICS) {
    const predicted = plan.rules[METRICS.indexOf(metric)]?.threshold.backtest.fired ?? NaN;
    const realised = fires(plan, metric, week, 6).length;
    expect([metric.name, Math.abs(realised - predicted) <= 1]).toEqual([metric.name, true]);
  }
});

it('stops at most 5 % of 1,000 calm releases, all rules together', () => {
  let stopped = 0;
  for (const { end, plan } of plans) {
    for (let replay = 0; replay < 250; replay += 1) {
      const span = { from: end, to: end + RELEASE };
      if (METRICS.some((metric) => fires(plan, metric, span, 1_000 + replay).length > 0))
        stopped += 1;
    }
    expect(rateOf(plan.falseStops)).toBeLessThanOrEqual(MAX_FALSE_STOPS);
    expect(plan.falseStops.releases).toBeGreaterThan(500);
  }
  expect(stopped / 1000).toBeLessThanOrEqual(MAX_FALSE_STOPS);
  if (process.env['SHOW_FIGURES']) console.log(`${stopped} of 1000 calm releases stopped`);
});

it.each<[string, Kind, number, Fault['act']]>([
  ['twice the latency', 'latency', 1_800, (value) => 2 * value],
  ['one percentage point more errors', 'errors', 1_800, (value) => value + 0.01],
  ['memory that grows by 1 % a minute', 'memory', 3_600, (v, s) => v * (1 + (0.01 * s) / 60)],
  ['a queue that grows by one a second', 'queue', 1_800, (value, seconds) => value + seconds],
])('finds %s within the observation time, in 95 of 100 cases', (name, kind, window, act) => {
  let [found, cases] = [0, 0];
  for (const { end, plan } of plans) {
    for (const metric of METRICS.filter((one) => one.kind === kind)) {
      for (let seed = 2_000; seed < 2_010; seed += 1) {
        const span = { from: end, to: end + window };
        cases += 1;
        if (fires(plan, metric, span, seed, [{ kinds: [kind], ...span, act }]).length > 0)
          found += 1;
      }
    }
  }
  if (process.env['SHOW_FIGURES']) console.log(`${name}: ${found} of ${cases}`);
  expect(found / cases).toBeGreaterThanOrEqual(0.95);
});

it('tells every accident from calm times, and sets no level by one', () => {
  for (const { plan, accidents } of plans) {
    for (const { from, to } of accidents) {
      const middle = (from + to) / 2;
      expect(plan.notCalm.some((span) => span.from <= middle && middle <= span.to + 600)).toBe(
        true,
      );
    }
    METRICS.forEach(({ kind }, index) => {
      const threshold = plan.rules[index]?.threshold.threshold ?? NaN;
      if (kind === 'queue') expect(threshold).toBeLessThan(60);
      if (kind === 'errors') expect(threshold).toBeLessThan(0.02);
    });
  }
});

it('gives each level a human form that is the same number', () => {
  for (const { plan } of plans) {
    plan.rules.forEach((rule, index) => {
      const unit = METRICS[index]?.level.unit ?? 'count';
      const threshold = rule?.threshold.threshold ?? NaN;
      expect(parseLevel(formatLevel(threshold, unit), unit)).toBe(threshold);
    });
  }
});
