import { historyGrid } from '../../steps/thresholds/history-grid';
import type { KnownGroup } from '../../steps/knowledge/metric-groups';
import {
  isMeantFor,
  withinRuleLimit,
  type Measured,
} from '../../steps/metric-analysis/measured-rule';
import { ruleForms, type RuleForm } from '../../steps/rules/rule-forms';
import { countOf, isRefusal, type Asked, type ScopedGroups } from './count-series';
import type { Deps } from '../runtime/activity-deps';
import { heartbeat } from '../runtime/heartbeat';
import { oddities, withClock } from './diagnose-series';

/** Most forms of a metric that are tried on its history. */
const MAX_FORMS = 2;

/**
 * Reads each candidate's current series, its history, and defects of its data. At most four queries per rule, five if
 * the rule is blind, and one for the clock if any is; the first failure stops the others.
 */
export async function measureRules(
  prometheus: Deps['prometheus'],
  selection: ScopedGroups,
  groups: readonly KnownGroup[],
  { now, signal }: { now: number; signal?: AbortSignal },
): Promise<Measured[]> {
  const stop = new AbortController();
  const asked: Asked = {
    prometheus,
    selection,
    now,
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  };
  const pairs = withinRuleLimit(selection.groups).flatMap(({ name, candidates }) => {
    const group = groups.find((known) => known.name === name);
    return group ? candidates.map((candidate) => ({ group, candidate })) : [];
  });
  try {
    const measured = await Promise.all(
      pairs.map(({ group, candidate }) => measure(asked, group, candidate)),
    );
    const found = measured.filter((one) => one !== undefined);
    return await withClock(asked, found);
  } finally {
    stop.abort();
  }
}

/** Uses the first form that has values; otherwise the first form, so that the issue shows it as blind. */
async function measure(
  asked: Asked,
  group: KnownGroup,
  candidate: string,
): Promise<Measured | undefined> {
  const { scope, metrics } = asked.selection;
  const metric = metrics.find(({ name }) => name === candidate);
  const forms = metric ? ruleForms({ metric, scope, metrics }, group).slice(0, MAX_FORMS) : [];
  const [first] = forms;
  if (metric === undefined || first === undefined) return undefined;
  const present = await seriesNow(asked, first);
  const isHistogram = metric.type === 'histogram' && !metric.native;
  const tried: Measured[] = [];
  for (const form of forms) {
    const read = await queryHistory(asked, form, present.freshSeries, isHistogram);
    const measured = { group: group.name, candidate, form, ...present, ...read };
    if (measured.history.samples.length > 0) {
      return { ...measured, ...(await oddities(asked, measured, metric.type)) };
    }
    tried.push(measured);
  }
  const meant = tried.find(isMeantFor);
  return meant && { ...meant, ...(await oddities(asked, meant, metric.type)) };
}

/** A refused query makes one rule blind; an unreachable Prometheus fails the step. */
async function queryHistory(
  { prometheus, now, signal }: Asked,
  { expr }: RuleForm,
  series: number,
  isHistogram: boolean,
): Promise<Pick<Measured, 'history' | 'window' | 'refused' | 'partial'>> {
  const { window, stepSeconds } = historyGrid(series, isHistogram, now);
  try {
    const answer = await prometheus.queryRange(expr, { ...window, stepSeconds }, signal);
    heartbeat();
    const samples = answer.data[0]?.samples ?? [];
    const history = { samples, stepSeconds: answer.stepSeconds };
    return { history, window, partial: answer.warnings[0]?.slice(0, 200) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const refused = error.message.slice(0, 300);
    return { history: { samples: [], stepSeconds }, window, refused };
  }
}

/**
 * The series with a sample now. Only counted without a scope, because they may belong to any service; counted by host
 * for hosts' metrics, because each host may have thousands.
 */
async function seriesNow(
  asked: Asked,
  { watched }: RuleForm,
): Promise<Pick<Measured, 'freshSeries' | 'readings'>> {
  const { prometheus, now, signal, selection } = asked;
  const { scope } = selection;
  if (scope.kind === 'none') return { freshSeries: await countOf(asked, watched) };
  const byHost = scope.kind === 'hosts' ? `count by (${scope.label}) (${watched})` : undefined;
  try {
    const { data } = await prometheus.query(byHost ?? watched, now, signal);
    heartbeat();
    if (byHost === undefined) {
      const readings = data.map(({ labels, sample }) => ({ labels, value: sample.value }));
      return { freshSeries: readings.length, readings };
    }
    const freshSeries = data.reduce((sum, { sample }) => sum + sample.value, 0);
    // A count of series is not a value of the metric.
    return { freshSeries, readings: data.map(({ labels }) => ({ labels, value: NaN })) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { freshSeries: await countOf(asked, watched) };
  }
}
