import type { HostRef } from '../../domain/host';
import type {
  Beside,
  MetricGroup,
  MetricSelection,
  PlanBacktest,
  RelativeRule,
  Rule,
  WatchedGroup,
} from '../../domain/metrics';
import type { History, Interval } from '../thresholds/backtest';
import type { Usual } from '../thresholds/anomalies';
import { rateOf, type FalseStops } from '../thresholds/false-stop-rate';
import { hostLabelOf, hostsWith, type HostLabel } from '../metrics/host-labels';
import { formatLevel } from '../thresholds/format-level';
import { sketchOf } from '../thresholds/history-sketch';
import { judge } from '../thresholds/judgeability';
import type { RuleForm } from '../rules/rule-forms';
import { hoursOf, levelPlan, type Release } from '../thresholds/joint-thresholds';
import type { Season } from '../thresholds/seasonality';
import type { Reading } from '../thresholds/series-defects';
import type { Threshold } from '../thresholds/threshold';
import type { Baseline } from '../thresholds/baseline';

/** What Prometheus said about one rule. */
export type Measured = {
  /** Whose series they are, where they are not the service's. */
  beside?: Beside;
  group: string;
  candidate: string;
  form: RuleForm;
  history: History;
  /** When that history begins and ends. */
  window: Window;
  /** Series of the metric that have a fresh sample. */
  freshSeries: number;
  /** Those series; undefined where there were too many to read. */
  readings?: readonly Reading[];
  /** Of the metric without the service's labels, when none has them. */
  elsewhere?: number;
  /** A metric that began where this one ended. */
  successor?: string;
  /** Most counter resets of one series in the last day. */
  resets?: number;
  /** Why Prometheus refused the query, in its own words. */
  refused?: string;
  /** Its warning that the answer is not whole. */
  partial?: string;
};
/** When a history begins and ends, Unix seconds. */
export type Window = { start: number; end: number };
export type Levelled = Measured & {
  level: Threshold;
  /** Its history without accidents, at the hours of the release. */
  calm: History;
  usual: Usual;
  baseline: Baseline;
  season: Season;
  advisory: boolean;
  relative?: RelativeRule;
};

/** More rules are no list that a person reads, and more queries than one release may ask. */
export const MAX_RULES = 60;

/** The candidates to measure: when there are too many, each group keeps its most important ones. */
export function withinRuleLimit(groups: MetricSelection['groups']): MetricSelection['groups'] {
  const ranked = groups
    .flatMap(({ name, candidates }) =>
      candidates.map((candidate, rank) => ({ name, candidate, rank })),
    )
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_RULES);
  const kept = new Set(ranked.map(({ name, candidate }) => JSON.stringify([name, candidate])));
  return groups.map((group) => ({
    ...group,
    candidates: group.candidates.filter((name) => kept.has(JSON.stringify([group.name, name]))),
  }));
}

/**
 * A live metric without the label or the limit that a form needs is no blind metric: the form is not meant for it.
 */
export const isMeantFor = ({ form, history, freshSeries, refused }: Measured): boolean =>
  history.samples.length > 0 ||
  freshSeries === 0 ||
  refused !== undefined ||
  !['errors', 'ratio', 'share'].includes(form.level.form);

export type PlanLevels = {
  levelled: Levelled[];
  /** What neither history nor knowledge gives a level for. */
  unlevelled: string[];
  falseStops: FalseStops;
  anomalies: Interval[];
};

/** Sets all levels together, since together they stop a release. */
export function withLevels(measured: readonly Measured[], release: Release): PlanLevels {
  const rules = measured.map(({ form, history }) => ({ level: form.level, history }));
  const plan = levelPlan(rules, release);
  const both = measured.map((one, index) => ({ one, set: plan.rules[index] }));
  return {
    levelled: both.flatMap(({ one, set }) => {
      if (set === undefined) return [];
      const { calm, usual, season, baseline } = set.prepared;
      const { advisory, threshold: level } = set;
      return [{ ...one, level, calm, usual, season, baseline, advisory }];
    }),
    unlevelled: both.flatMap(({ one, set }) => (set === undefined ? [one.candidate] : [])),
    falseStops: plan.falseStops,
    anomalies: plan.notCalm,
  };
}

/** What the rules of one issue have in common. */
export type PlanFacts = { release: Release; hosts: readonly HostRef[] };

/** The groups of the issue, and the sets of hosts that their rules see; a group without a rule is left out. */
export function watchedGroups(
  { groups: ofService, scope, sides = [] }: MetricSelection,
  levelled: readonly Levelled[],
  { release, hosts }: PlanFacts,
): { groups: WatchedGroup[]; hostSets: HostLabel[] } {
  const hostSets: HostLabel[] = [];
  const starts = levelled.flatMap(({ history }) => history.samples[0]?.at ?? []);
  const groups: (MetricGroup & Pick<WatchedGroup, 'beside'>)[] = [
    ...ofService,
    ...sides.flatMap(({ beside, groups: added }) => added.map((group) => ({ ...group, beside }))),
  ];
  const watched = groups.flatMap(({ name, watches, beside }) => {
    const unscoped = beside === undefined && scope.kind === 'none';
    const shared = { planStart: Math.min(...starts), unscoped, release };
    const rules = levelled
      .filter(({ group }) => group === name)
      .map((one) => {
        const label = hostLabelIn(one, hosts);
        return ruleOf(one, { ...shared, hosts, label, hostSet: indexIn(hostSets, label) });
      });
    if (rules.length === 0) return [];
    const candidates = rules.map(({ candidate }) => candidate);
    const thresholds = rules.map(({ threshold, unit }) => formatLevel(threshold, unit));
    return [{ name, candidates, thresholds, rules, watches, ...(beside && { beside }) }];
  });
  return { groups: watched, hostSets };
}

/** Which label of a rule's series holds the service's hosts; a neighbour is in no batch, even on the same machines. */
export const hostLabelIn = (
  { beside, readings = [] }: Pick<Measured, 'beside' | 'readings'>,
  hosts: readonly HostRef[],
): HostLabel | undefined =>
  beside?.kind === 'neighbour'
    ? undefined
    : hostLabelOf(
        readings.map(({ labels }) => labels),
        hosts,
      );

/** Most rules see the same hosts: each set stands in the issue once, and a few large ones are enough. */
function indexIn(sets: HostLabel[], label: HostLabel | undefined): number | undefined {
  if (label === undefined) return undefined;
  const values = [...label.values].sort();
  const key = JSON.stringify(values);
  const known = sets.findIndex(
    (set) => set.label === label.label && JSON.stringify(set.values) === key,
  );
  if (known >= 0 || sets.length === MAX_HOST_SETS) return known >= 0 ? known : undefined;
  return sets.push({ label: label.label, values }) - 1;
}
const MAX_HOST_SETS = 8;

type RuleFacts = PlanFacts & {
  planStart: number;
  unscoped: boolean;
  label: HostLabel | undefined;
  hostSet: number | undefined;
};

function ruleOf(one: Levelled, facts: RuleFacts): Rule {
  const { candidate, form, level, window } = one;
  const history = sketchOf(one.history, { from: window.start, to: window.end });
  return {
    candidate,
    expr: form.expr,
    op: form.level.op,
    threshold: level.threshold,
    unit: form.level.unit,
    for: level.for,
    severity: form.level.severity,
    baseline: { window: spanOf(window.start, window.end), ...hoursIn(one, facts), ...one.baseline },
    backtest: level.backtest,
    ...(history && { history }),
    ...verdictOf(one, facts),
    ...(one.relative && { relative: one.relative }),
    ...(facts.hostSet !== undefined && { host_set: facts.hostSet }),
    source: level.source,
  };
}

function verdictOf(one: Levelled, { hosts, label, planStart, unscoped }: RuleFacts) {
  const { form, level } = one;
  const seen = label === undefined ? 0 : hostsWith(label, hosts).length;
  return judge({
    ...one,
    level: form.level,
    until: one.window.end,
    planStart,
    unscoped,
    backtest: level.backtest,
    ...(seen > 0 && { missingHosts: { missing: hosts.length - seen, of: hosts.length } }),
    // A rate or a share is never below 0.
    neverFires: form.level.op === '<' && level.threshold <= 0,
  });
}

function hoursIn({ season, baseline }: Levelled, { release }: RuleFacts) {
  if (season.kind === 'none' || baseline.samples === 0) return {};
  const { from, to } = hoursOf(release);
  return { hours: { cycle: season.kind, ...spanOf(from, to) } };
}

export const spanOf = (from: number, to: number) => ({ from: isoOf(from), to: isoOf(to) });

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** What the issue shows of the trial of the whole plan; undefined where no history holds one release. */
export function planBacktest(
  { falseStops, levelled, anomalies }: PlanLevels,
  release: Release,
): PlanBacktest | undefined {
  if (falseStops.releases === 0) return undefined;
  return {
    release: `${release.seconds}s`,
    ...falseStops,
    false_stop_rate: Number(rateOf(falseStops).toFixed(4)),
    advisory: levelled.filter(({ advisory }) => advisory).length,
    anomalies: anomalies.slice(-MAX_ANOMALIES).map(({ from, to }) => spanOf(from, to)),
  };
}
const MAX_ANOMALIES = 20;
