import { UpstreamError } from '../adapters/upstream-error';
import type { MetricSelection } from '../domain/metrics';
import type { History } from '../steps/backtest';
import type { KnownGroup } from '../steps/known-groups';
import { isMeantFor, withinRuleLimit, type Measured, type Window } from '../steps/metric-analysis';
import { ruleForms, type RuleForm } from '../steps/metric-rules';
import type { Deps } from './deps';
import { heartbeat } from './heartbeat';

/** One query for freshness and so many for history: 180 for the most rules that there can be. */
const MAX_FORMS = 2;

type Asked = {
  prometheus: Deps['prometheus'];
  selection: MetricSelection;
  window: Window;
  stepSeconds: number;
  signal: AbortSignal;
};

/** Reads the history of each candidate, at most 200 queries in all; the first failure stops the others. */
export async function measureRules(
  prometheus: Deps['prometheus'],
  selection: MetricSelection,
  groups: readonly KnownGroup[],
  { window, stepSeconds, signal }: { window: Window; stepSeconds: number; signal?: AbortSignal },
): Promise<Measured[]> {
  const stop = new AbortController();
  const asked: Asked = {
    prometheus,
    selection,
    window,
    stepSeconds,
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
    return measured.filter((one) => one !== undefined);
  } finally {
    stop.abort();
  }
}

/** By the first form that has values; else by the first one, so that its blindness shows. */
async function measure(
  asked: Asked,
  group: KnownGroup,
  candidate: string,
): Promise<Measured | undefined> {
  const { scope, metrics } = asked.selection;
  const metric = metrics.find(({ name }) => name === candidate);
  const forms = metric ? ruleForms({ metric, scope, metrics }, group).slice(0, MAX_FORMS) : [];
  const [first] = forms;
  if (first === undefined) return undefined;
  const freshSeries = await countFresh(asked, first);
  const tried: Measured[] = [];
  for (const form of forms) {
    const read = await readHistory(asked, form);
    const measured = { group: group.name, candidate, form, freshSeries, ...read };
    if (measured.history.samples.length > 0) return measured;
    tried.push(measured);
  }
  return tried.find(isMeantFor);
}

/** A query that Prometheus refuses makes one rule blind; a Prometheus that is away fails the step. */
async function readHistory(
  { prometheus, window, stepSeconds, signal }: Asked,
  { expr }: RuleForm,
): Promise<{ history: History; refused?: string; partial?: string }> {
  try {
    const answer = await prometheus.queryRange(expr, { ...window, stepSeconds }, signal);
    heartbeat();
    const samples = answer.data[0]?.samples ?? [];
    return { history: { samples, stepSeconds }, partial: answer.warnings[0]?.slice(0, 200) };
  } catch (error) {
    const isRefusal =
      error instanceof UpstreamError && (error.status === 400 || error.status === 422);
    if (!isRefusal) throw error;
    return { history: { samples: [], stepSeconds }, refused: error.message.slice(0, 300) };
  }
}

async function countFresh(
  { prometheus, window, signal }: Asked,
  { watched }: RuleForm,
): Promise<number> {
  const { data } = await prometheus.query(`count(${watched})`, window.end, signal);
  heartbeat();
  return data[0]?.sample.value ?? 0;
}
