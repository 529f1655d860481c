import type { Action } from './action';
import { noSuchRule, type Context } from './context';
import { durationOf } from './time';
import { ALLOWED, refuse, type Verdict } from './verdict';

/** A new level in mid-release: it may only be tighter than the one in force, in threshold and in hold time. */
export function checkThreshold(
  { view, state }: Context,
  { rule_id: id, threshold, for: hold }: Extract<Action, { type: 'set_threshold' }>,
): Verdict {
  const rule = view.rules.get(id);
  if (!rule) return noSuchRule(id);
  const { op, pointer, limitPointer } = rule;
  const limit = state.limits[id];
  const inForce = limit?.threshold ?? rule.threshold;
  // Written so that NaN is no tightening.
  const tighter = op.startsWith('>') ? threshold <= inForce : threshold >= inForce;
  if (!tighter || !Number.isFinite(threshold))
    return refuse(
      'ThresholdLoosened',
      limitPointer,
      `Rule ${id} stops at ${op} ${inForce}; ${threshold} would be looser.`,
    );
  const holds = limit?.for === undefined ? rule.forMs : durationOf(limit.for);
  if (hold !== undefined && !(durationOf(hold) <= holds))
    return refuse(
      'ThresholdLoosened',
      `${pointer}/for`,
      `Rule ${id} stops after ${holds / 1000} s; ${hold} would be longer.`,
    );
  return ALLOWED;
}
