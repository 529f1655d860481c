import type { History } from '../../../src/steps/thresholds/backtest';
import type { GroupLevel } from '../../../src/steps/knowledge/metric-groups';
import { boundedLevel, thresholdOf as levelOf } from '../../../src/steps/thresholds/threshold';
import { prepare } from '../../../src/steps/thresholds/baseline';
import { history, level, wave } from '../../fixtures/metric-facts';

const hours = { from: 0, to: 6_000 };
const thresholdOf = (history: History, level: GroupLevel) =>
  levelOf(prepare(history, { op: level.op, forSeconds: 300, hours }), level);

describe('thresholdOf', () => {
  it('lies above how the system runs and stays silent on it', () => {
    const found = thresholdOf(history(wave(1000, 50, 10)), level({ default: 5 }));
    expect(found?.threshold).toBeGreaterThan(60);
    expect(found).toMatchObject({ source: 'history', for: '300s', backtest: { fired: 0 } });
  });

  it('never leaves the bounds of the knowledge base, and says so', () => {
    const history1 = history(wave(1000, 50, 10));
    expect(thresholdOf(history1, level({ max: 40 }))).toMatchObject({
      threshold: 40,
      source: 'knowledge:general',
    });
    expect(thresholdOf(history1, level({ min: 500 }))).toMatchObject({ threshold: 500 });
  });

  it('takes the default of the knowledge base without enough history', () => {
    const short = history([1, 2, 3]);
    expect(thresholdOf(short, level({ default: 7 }))).toMatchObject({
      threshold: 7,
      source: 'knowledge:general',
    });
    expect(thresholdOf(short, level({ default: null }))).toBeUndefined();
  });

  it('sets a provisional level of traffic from a few samples, and never one that says nothing', () => {
    const rate = level({ form: 'rate', op: '<', unit: 'per_second', default: 0.01, min: 0 });
    expect(thresholdOf(history([34, 33, 35, 34], 120), rate)).toMatchObject({
      threshold: 3.4,
      source: 'history',
    });
    expect(thresholdOf(history([], 120), rate)?.threshold).toBe(0.01);
    expect(thresholdOf(history([0, 0, 0], 120), rate)?.threshold).toBe(0.01);
    const share = level({ op: '<', unit: 'ratio', default: 0.8 });
    expect(thresholdOf(history([0.99, 0.99]), share)?.threshold).toBe(0.8);
  });

  it('takes the default where nothing ever happened: one event is not yet a fault', () => {
    const flat = history(Array<number>(500).fill(0));
    expect(thresholdOf(flat, level({ default: 0.01 }))?.threshold).toBe(0.01);
  });

  it('is not moved by a single spike, nor by NaN', () => {
    const values = wave(1000, 50, 10);
    const before = thresholdOf(history(values), level())?.threshold;
    values[500] = 1e9;
    values[501] = NaN;
    expect(thresholdOf(history(values), level())?.threshold).toBe(before);
  });

  it('holds longer where its bound is below what calm times reach for a while', () => {
    const values = wave(3000, 50, 1);
    for (let start = 100; start < 3000; start += 300) values.fill(75, start, start + 12);
    const loose = thresholdOf(history(values), level());
    expect([loose?.for, loose?.backtest.fired]).toEqual(['300s', 0]);
    expect(loose?.threshold).toBeGreaterThan(75);
    const tight = thresholdOf(history(values), level({ max: 60 }));
    expect([tight?.threshold, tight?.for, tight?.backtest.fired]).toEqual([60, '900s', 0]);
  });

  it.each([
    ['an outage', 1000, 1029, 5000],
    ['a rise by a half', 2000, 2020, 80],
  ])('is neither set by %s nor counts it as calm', (_, from, to, height) => {
    const values = wave(3000, 50, 1);
    const before = thresholdOf(history(values), level());
    const withAccident = thresholdOf(history(values.fill(height, from, to)), level());
    expect(withAccident?.threshold).toBe(before?.threshold);
    expect(withAccident?.backtest.fired).toBe(0);
    expect(withAccident?.backtest.windows).toBeLessThan(before?.backtest.windows ?? 0);
  });

  it('takes for calm what comes back at the same time of day', () => {
    const values = wave(3 * 1440, 50, 1);
    for (const day of [0, 1, 2]) values.fill(90, day * 1440 + 200, day * 1440 + 215);
    expect(thresholdOf(history(values), level())?.threshold).toBeGreaterThan(90);
  });

  it('sets a level below calm traffic for what must not fall', () => {
    const found = thresholdOf(history(wave(1000, 50, 10)), level({ op: '<', default: 1 }));
    expect(found?.threshold).toBeLessThan(40);
    expect(found?.threshold).toBeGreaterThan(20);
    expect(found?.backtest.fired).toBe(0);
  });
});

describe('boundedLevel', () => {
  it('rounds inside the bounds', () => {
    expect(boundedLevel(9e9, { op: '>', max: 1_073_741_824 })).toBe(1_000_000_000);
    expect(boundedLevel(1, { op: '>', min: 1_073_741_824 })).toBe(1_100_000_000);
  });
});
