import { STEP, WARNING } from '../domain/names';
import type { MetricAnalysis, MetricSelection, Rule, WatchedGroup } from '../domain/metrics';
import type { StepOutcome, Warning } from '../domain/step-result';
import { UpstreamError } from '../adapters/upstream-error';
import type { History } from '../steps/backtest';
import { formatLevel } from '../steps/human-units';
import { judge } from '../steps/judgeability';
import { groupsOf, kindOf, type KnownGroup } from '../steps/known-groups';
import { ruleForms, type RuleForm } from '../steps/metric-rules';
import { baselineOf, thresholdOf } from '../steps/thresholds';
import { fallbackWarnings } from './ask-model';
import { timestamp } from './clock';
import type { Deps } from './deps';
import { heartbeat, withPulse } from './heartbeat';

/** Three days hold a full daily rhythm twice over and cost one range query of 2,160 points a rule. */
const HISTORY_SECONDS = 3 * 24 * 3600;
const STEP_SECONDS = 120;
const NO_HISTORY: History = { samples: [], stepSeconds: STEP_SECONDS };

type Window = { start: number; end: number };
type RuleDeps = Pick<Deps, 'prometheus' | 'knowledge'>;
type Asked = {
  selection: MetricSelection;
  group: KnownGroup;
  window: Window;
  signal?: AbortSignal;
};

/** A rule for each chosen metric, with a threshold from how the system really runs, tried on the past. */
export function setThresholds(
  deps: RuleDeps,
  { selection, now }: { selection: MetricSelection; now: string },
): Promise<StepOutcome<MetricAnalysis>> {
  const end = Math.floor(Date.parse(now) / 1000 / STEP_SECONDS) * STEP_SECONDS;
  const window = { start: end - HISTORY_SECONDS, end };
  return withPulse(async (signal) => {
    const { service, metrics } = selection;
    const known = groupsOf(kindOf(service, metrics, deps.knowledge), deps.knowledge.technologies);
    const groups = await Promise.all(
      selection.groups.map(async ({ name, candidates, watches }): Promise<WatchedGroup> => {
        const group = known.find((one) => one.name === name);
        const found =
          group === undefined
            ? []
            : await Promise.all(
                candidates.map((metric) =>
                  ruleOf(deps, { selection, group, window, signal }, metric),
                ),
              );
        const rules = found.filter((rule) => rule !== undefined);
        return {
          name,
          candidates: rules.map((rule) => rule.candidate),
          thresholds: rules.map((rule) => formatLevel(rule.threshold, rule.unit)),
          rules,
          watches,
        };
      }),
    );
    return outcomeOf(
      selection,
      groups.filter(({ rules }) => rules.length > 0),
    );
  });
}

/** The first form of the metric that has values; else the first one, so that its blindness shows. */
async function ruleOf(deps: RuleDeps, asked: Asked, name: string): Promise<Rule | undefined> {
  const { scope, metrics } = asked.selection;
  const metric = metrics.find((candidate) => candidate.name === name);
  const forms = metric === undefined ? [] : ruleForms({ metric, scope, metrics }, asked.group);
  let first: Rule | undefined;
  for (const form of forms) {
    const rule = await tryForm(deps, asked, name, form);
    if (rule !== undefined && rule.baseline.samples > 0) return rule;
    first ??= rule;
  }
  return first;
}

async function tryForm(
  deps: RuleDeps,
  { selection, window, signal }: Asked,
  candidate: string,
  { level, expr, watched }: RuleForm,
): Promise<Rule | undefined> {
  heartbeat();
  const read = await readHistory(deps, expr, window, signal);
  const freshSeries = await countFresh(deps, watched, window.end, signal);
  const threshold = thresholdOf(read.history, level);
  // Neither history nor knowledge tells a level: nothing could be enforced.
  if (threshold === undefined) return undefined;
  const { samples, p50, p95, p99, max } = baselineOf(read.history);
  const verdict = judge({
    history: read.history,
    until: window.end,
    freshSeries,
    backtest: threshold.backtest,
    unscoped: selection.scope.kind === 'none',
    refused: read.refused,
  });
  const times = { from: isoOf(window.start), to: isoOf(window.end) };
  return {
    candidate,
    expr,
    op: level.op,
    threshold: threshold.threshold,
    unit: level.unit,
    for: threshold.for,
    severity: level.severity,
    baseline: { window: times, samples, p50, p95, p99, max },
    backtest: threshold.backtest,
    ...verdict,
    source: threshold.source,
  };
}

/** A query that Prometheus refuses makes one rule blind; a Prometheus that is away fails the step. */
async function readHistory(
  { prometheus }: RuleDeps,
  expr: string,
  { start, end }: Window,
  signal: AbortSignal | undefined,
): Promise<{ history: History; refused?: string }> {
  try {
    const { data } = await prometheus.queryRange(
      expr,
      { start, end, stepSeconds: STEP_SECONDS },
      signal,
    );
    return { history: { samples: data[0]?.samples ?? [], stepSeconds: STEP_SECONDS } };
  } catch (error) {
    const refused =
      error instanceof UpstreamError && (error.status === 400 || error.status === 422);
    if (!refused) throw error;
    return { history: NO_HISTORY, refused: error.message.slice(0, 200) };
  }
}

async function countFresh(
  { prometheus }: RuleDeps,
  watched: string,
  at: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { data } = await prometheus.query(`count(${watched})`, at, signal);
  return data[0]?.sample.value ?? 0;
}

function outcomeOf(
  selection: MetricSelection,
  metrics: WatchedGroup[],
): StepOutcome<MetricAnalysis> {
  const { service, scope, reasoning } = selection;
  const warnings = [
    ...warningsOf(selection, metrics),
    ...fallbackWarnings(STEP.metricAnalysis, reasoning),
  ];
  return {
    warnings,
    result: {
      step_name: STEP.metricAnalysis,
      status: warnings.length > 0 ? 'warning' : 'success',
      summary: `${metrics.length} group metrics identified with thresholds`,
      details: { metrics, service, scope, catalogue_size: selection.catalogueSize, reasoning },
      timestamp: timestamp(),
    },
  };
}

function warningsOf({ service, scope }: MetricSelection, groups: WatchedGroup[]): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) =>
    warnings.push({ step_name: STEP.metricAnalysis, code, message });
  if (groups.length === 0)
    warn(WARNING.noMetrics, `no metric of ${service} can judge this release`);
  else if (scope.kind === 'none') {
    warn(
      WARNING.serviceNotInMetrics,
      `no label or name prefix tells which series are of ${service}`,
    );
  }
  for (const rule of groups.flatMap(({ rules }) => rules)) {
    if (rule.judgeable === 'judgeable') continue;
    const code = rule.judgeable === 'blind' ? WARNING.blindRule : WARNING.weakRule;
    warn(code, `${rule.candidate} is ${rule.judgeable}: ${rule.remedy ?? ''}`);
  }
  return warnings;
}

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
