import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import { freezeAt, isWithin } from '../release-plan/active-freeze';

const MINUTE_MS = 60_000;
/** Freezes and working hours begin and end at minutes; shorter ones than this are not found. */
const COARSE_MS = 15 * MINUTE_MS;
/** An issue that waits longer would rest on old facts. */
const HORIZON_MS = 31 * 86_400_000;

/**
 * The earliest time, from `now` on, at which the first batch may begin: within the working hours of the policy and in
 * no freeze. Undefined when that is now. After a month without such a time: the end of that month, which is checked
 * again by who releases.
 */
export function notBefore(
  policy: RolloutDocument,
  policies: readonly RolloutDocument[],
  now: Date,
): Date | undefined {
  const open = (ms: number): boolean => {
    const at = new Date(ms);
    const { working_hours: hours } = policy;
    return (
      (hours === undefined || isWithin(hours, at)) && freezeAt(at, policy, policies) === undefined
    );
  };
  const start = now.getTime();
  if (open(start)) return undefined;
  const end = start + HORIZON_MS;
  // From whole minutes on: hours end and begin there.
  let at = Math.floor(start / MINUTE_MS) * MINUTE_MS;
  while (at < end && !open(at)) at += COARSE_MS;
  if (at >= end) return new Date(end);
  while (at - MINUTE_MS > start && open(at - MINUTE_MS)) at -= MINUTE_MS;
  return new Date(at);
}
