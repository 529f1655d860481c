import type { Action } from './action';
import { endedIn, expiredIn, firstOf, noSuchRule, type Context } from './context';
import { durationOf } from './time';
import { ALLOWED, refuse, type Verdict } from './verdict';

/** A new level in mid-release: it may only be tighter than the one in force, in threshold and in hold time. */
export function checkThreshold(
  context: Context,
  { rule_id: id, threshold, for: hold }: Extract<Action, { type: 'set_threshold' }>,
): Verdict {
  const { view, state } = context;
  const refusal = firstOf(context, endedIn, expiredIn);
  if (refusal !== undefined) return refusal;
  const rule = view.rules.get(id);
  if (rule === undefined) return noSuchRule(id);
  const limit = state.limits[id];
  const inForce = limit?.threshold ?? rule.threshold;
  const upper = rule.op === '>' || rule.op === '>=';
  // Written so that NaN is no tightening.
  if (!(upper ? threshold <= inForce : threshold >= inForce) || !Number.isFinite(threshold))
    return refuse(
      'ThresholdLoosened',
      `${rule.pointer}/threshold`,
      `Rule ${id} stops at ${rule.op} ${inForce}; ${threshold} would be looser.`,
    );
  const holds = limit?.for === undefined ? rule.forMs : durationOf(limit.for);
  if (hold !== undefined && !(durationOf(hold) <= holds))
    return refuse(
      'ThresholdLoosened',
      `${rule.pointer}/for`,
      `Rule ${id} stops after ${holds / 1000} s; ${hold} would be longer.`,
    );
  return ALLOWED;
}
