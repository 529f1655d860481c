import type { HostRef } from '../../domain/host';
import type { MetricGroup, MetricSelection, Rule, WatchedGroup } from '../../domain/metrics';
import { hostLabelOf, hostsWith, type HostLabel } from '../metrics/host-labels';
import { MIN_LEVEL_SAMPLES } from '../thresholds/baseline';
import { formatLevel } from '../thresholds/format-level';
import { sketchOf } from '../thresholds/history-sketch';
import { hoursOf, type Release } from '../thresholds/joint-thresholds';
import { judge } from '../thresholds/judgeability';
import type { Measured } from './measured-rule';
import { isoPeriod, type Levelled } from './levelled-rules';

/** The release that the rules are for. */
export type ReleaseContext = { release: Release; hosts: readonly HostRef[] };

/** The groups of the issue, and the sets of hosts that their rules cover. A group without a rule is left out. */
export function watchedGroups(
  { groups: ofService, scope, sides = [] }: MetricSelection,
  levelled: readonly Levelled[],
  { release, hosts }: ReleaseContext,
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

/** Which label of a rule's series holds the service's hosts. A neighbour is in no batch, even on the same machines. */
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

const MAX_HOST_SETS = 8;

/** Most rules cover the same hosts: the issue lists each set once, and at most eight sets. */
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
type RuleFacts = ReleaseContext & {
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
    baseline: {
      window: isoPeriod({ from: window.start, to: window.end }),
      ...hoursIn(one, facts),
      ...one.baseline,
    },
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
    provisional: level.source === 'history' && one.calm.samples.length < MIN_LEVEL_SAMPLES,
    ...(seen > 0 && { missingHosts: { missing: hosts.length - seen, of: hosts.length } }),
    // A rate or a share is never below 0.
    neverFires: form.level.op === '<' && level.threshold <= 0,
  });
}

function hoursIn({ season, baseline }: Levelled, { release }: RuleFacts) {
  if (season.kind === 'none' || baseline.samples === 0) return {};
  return { hours: { cycle: season.kind, ...isoPeriod(hoursOf(release)) } };
}
