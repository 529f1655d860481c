import type { MetricSelection } from '../../../src/domain/metrics';
import { WatchedGroup } from '../../../src/domain/metrics';
import {
  isMeantFor,
  watchedGroups,
  withinRuleLimit,
  withLevels,
  type Measured,
} from '../../../src/steps/analysis/watched-groups';
import { mergedReasoning, metricWarnings } from '../../../src/steps/analysis/warnings';
import { acceptThresholdProposal } from '../../../src/steps/analysis/threshold-proposal';
import { history, level, wave } from '../../fixtures/metric-facts';

const calm = history(wave(1000, 50, 10));
const window = { start: 0, end: calm.samples.at(-1)?.at ?? 0 };
const measured = (changes: Partial<Measured> = {}): Measured => ({
  group: 'Memory',
  candidate: 'rss',
  form: { level: level({ unit: 'bytes' }), expr: 'sum(rss)', watched: 'rss' },
  history: calm,
  window,
  freshSeries: 1,
  ...changes,
});
const selection: MetricSelection = {
  service: 'shop',
  scope: { kind: 'label', label: 'service', value: 'shop' },
  groups: [
    { name: 'Memory', candidates: ['rss'], watches: ['memory_leak'] },
    { name: 'Queue', candidates: ['gone'], watches: [] },
  ],
  metrics: [],
  catalogueSize: 1,
  reasoning: { mode: 'knowledge' },
};

const release = { start: window.end, seconds: 6_000 };
const levelsOf = (...all: Measured[]) => withLevels(all, release);
const groupsOf = (...all: Measured[]) =>
  watchedGroups(selection, levelsOf(...all).levelled, { release, hosts: [] }).groups;

describe('watchedGroups', () => {
  it('gives each candidate its rule and its human threshold, and leaves out empty groups', () => {
    const groups = groupsOf(measured());
    expect(groups).toHaveLength(1);
    const [memory] = groups;
    expect(WatchedGroup.parse(memory)).toEqual(memory);
    expect(memory?.rules[0]).toMatchObject({ judgeable: 'judgeable', source: 'history' });
    expect(memory?.thresholds).toEqual([`${memory?.rules[0]?.threshold}B`]);
  });
});

describe('metricWarnings', () => {
  const warningsOf = (...all: Measured[]) =>
    metricWarnings(selection, groupsOf(...all), {
      hosts: 0,
      unseen: true,
      unlevelled: levelsOf(...all).unlevelled,
      backtest: undefined,
    });

  it('warns of nothing when every rule can be judged', () => {
    expect(warningsOf(measured())).toEqual([]);
  });

  it('says that there is nothing to judge by', () => {
    expect(warningsOf()).toMatchObject([{ code: 'NoMetrics' }]);
  });

  it('names blind rules, and says when no metric has a history', () => {
    const gone = measured({ history: history([]), freshSeries: 0 });
    expect(warningsOf(gone).map(({ code }) => code)).toEqual(['NoHistory', 'BlindRule']);
    expect(warningsOf(gone)[1]?.message).toContain('rss is blind: no series');
  });

  it('counts what it does not list', () => {
    const many = Array.from({ length: 30 }, () => measured({ partial: 'x' }));
    expect(warningsOf(...many)).toHaveLength(11);
    expect(warningsOf(...many).at(-1)?.message).toBe('20 more rules are weak');
  });
});

describe('withinRuleLimit', () => {
  it('keeps the most important candidates of each group', () => {
    const names = Array.from({ length: 50 }, (_, index) => `m${index}`);
    const groups = ['A', 'B'].map((name) => ({ name, candidates: names, watches: [] }));
    const kept = withinRuleLimit(groups).map(({ candidates }) => candidates);
    expect(kept).toEqual([names.slice(0, 30), names.slice(0, 30)]);
  });
});

describe('isMeantFor', () => {
  const errors = { level: level({ form: 'errors' }), expr: '', watched: '' };

  it('drops a form whose label or limit a live metric does not have, but never an absent metric', () => {
    const empty = { form: errors, history: history([]) };
    expect(isMeantFor(measured(empty))).toBe(false);
    expect(isMeantFor(measured({ ...empty, freshSeries: 0 }))).toBe(true);
    expect(isMeantFor(measured({ ...empty, refused: 'x' }))).toBe(true);
    expect(isMeantFor(measured({ history: history([]) }))).toBe(true);
  });
});

describe('acceptThresholdProposal', () => {
  const [rule] = levelsOf(measured()).levelled;
  const accept = (threshold: number, id = 'r1') =>
    acceptThresholdProposal({ rules: [{ id, threshold }] }, rule ? [rule] : [])[0]?.level;

  it('takes a tighter level that stays silent', () => {
    expect(rule?.level.threshold).toBe(63);
    expect(accept(61)).toMatchObject({ threshold: 61, source: 'model', backtest: { fired: 0 } });
  });

  it.each([
    ['looser', 1000],
    ['firing in calm times', 45],
    ['no number', NaN],
    ['endless', -Infinity],
  ])('drops a level that is %s', (_, threshold) => {
    expect(accept(threshold)).toEqual(rule?.level);
  });

  it('drops what is for no rule', () => {
    expect(accept(61, 'r2')).toEqual(rule?.level);
  });
});

describe('mergedReasoning', () => {
  it('adds up both questions and keeps the reason of a fallback', () => {
    const model = { mode: 'model', model: 'x', calls: 1, tokens: 10 } as const;
    expect(mergedReasoning(model, model)).toEqual({ ...model, calls: 2, tokens: 20 });
    const failed = { mode: 'knowledge', fallback_reason: 'away' } as const;
    expect(mergedReasoning(failed, { mode: 'knowledge' })).toEqual(failed);
    expect(mergedReasoning(model, failed)).toEqual({ ...model, fallback_reason: 'away' });
  });
});
