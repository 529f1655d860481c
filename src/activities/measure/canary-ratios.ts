import type { HostRef } from '../../domain/host';
import type { RelativeRule } from '../../domain/metrics';
import type { Levelled } from '../../steps/metric-analysis/levelled-rules';
import { hostLabelIn } from '../../steps/metric-analysis/watched-groups';
import { hoursOf, type Release } from '../../steps/thresholds/joint-thresholds';
import {
  calmRatio,
  filledFor,
  hidesDoubling,
  relativeLevel,
  relativeTemplate,
} from '../../steps/rules/canary-ratio';
import { thresholdOf } from '../../steps/thresholds/threshold';
import { prepare } from '../../steps/thresholds/baseline';
import { parseSeconds } from '../../steps/text/parse-seconds';
import { isRefusal } from './count-series';
import type { Deps } from '../runtime/activity-deps';
import { heartbeat } from '../runtime/heartbeat';

/** Most rules that are compared; each costs one more query. */
const MAX_RELATIVE = 8;
/** A ratio of hosts has no season, so three days show how much hosts differ. */
const WINDOW_SECONDS = 3 * 86_400;
const STEP_SECONDS = 120;
/** Beyond these ratios, hosts differ too much on their own to be compared. */
const MAX_HOST_RATIO = { '>': 4, '<': 0.25 };

type Context = {
  prometheus: Deps['prometheus'];
  hosts: readonly HostRef[];
  release: Release;
  now: number;
  signal: AbortSignal | undefined;
};

/**
 * Adds a relative rule to rules whose absolute level is weak (advisory, or so far from usual values that a doubling is
 * not detected), if a label identifies the hosts and their history shows that they are alike.
 */
export async function withRelativeRules(
  context: Context,
  levelled: readonly Levelled[],
): Promise<Levelled[]> {
  const needing = levelled
    .filter(({ level, form, usual, advisory }) =>
      Boolean(advisory || hidesDoubling(level.threshold, form.level.op, usual.middle)),
    )
    .slice(0, MAX_RELATIVE);
  return Promise.all(
    levelled.map(async (one) => {
      if (!needing.includes(one)) return one;
      const relative = await relativeOf(context, one);
      return relative === undefined ? one : { ...one, relative };
    }),
  );
}

async function relativeOf(context: Context, one: Levelled): Promise<RelativeRule | undefined> {
  const { form } = one;
  const label = hostLabelIn(one, context.hosts);
  const template = label && relativeTemplate(form, label.label);
  if (label === undefined || template === undefined) return undefined;
  const [first, ...others] = [...label.values].sort();
  const trial = first === undefined ? undefined : filledFor(template, [first], others);
  if (trial === undefined) return undefined;
  const samples = await read(context, trial);
  const level = relativeLevel(form.level);
  const judged = {
    op: level.op,
    forSeconds: parseSeconds(level.for),
    hours: hoursOf(context.release),
  };
  const found = thresholdOf(prepare({ samples, stepSeconds: STEP_SECONDS }, judged), level);
  if (found === undefined || found.backtest.fired > 0) return undefined;
  const { threshold: ratio, for: hold, backtest } = found;
  const isTooFar = level.op === '>' ? ratio > MAX_HOST_RATIO['>'] : ratio < MAX_HOST_RATIO['<'];
  if (isTooFar) return undefined;
  const calm = calmRatio(samples.map(({ value }) => value));
  return {
    ...{ expr: template, host_label: label.label, op: level.op, ratio, for: hold, backtest },
    ...(calm && { calm }),
  };
}

async function read({ prometheus, now, signal }: Context, expr: string) {
  const end = Math.floor(now / STEP_SECONDS) * STEP_SECONDS;
  const range = { start: end - WINDOW_SECONDS, end, stepSeconds: STEP_SECONDS };
  try {
    const { data } = await prometheus.queryRange(expr, range, signal);
    heartbeat();
    return data[0]?.samples ?? [];
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return [];
  }
}
