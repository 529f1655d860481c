import { readAction, type Action } from './action';
import { checkDeploy } from './check-deploy';
import { checkJudge, checkPromote } from './check-promote';
import { checkMitigate, checkRollback } from './check-repair';
import { checkThreshold } from './check-threshold';
import {
  begunByAnother,
  endedIn,
  expiredIn,
  frozenIn,
  notPausedIn,
  overIn,
  pausedIn,
  unpromotedIn,
  type Context,
  type Reason,
} from './context';
import { viewOf, type GuardedIssue } from './issue-view';
import { nextIn, type Next } from './next';
import type { State } from './state';
import { millisecondsOf } from './time';
import { ALLOWED, refuse, type Refusal, type Verdict } from './verdict';

export type { Approval } from './approvals/approvals';
export { ACTION_TYPES, type Action, type Sample } from './action';
export type { Answer, GuardedIssue } from './issue-view';
export type { Next } from './next';
export { stateOf, type Event, type State } from './state';
export type { Refusal, RefusalCode, Verdict } from './verdict';

/** A time: RFC 3339, milliseconds since 1970, or a Date. */
export type Time = string | number | Date;

export type Guard = {
  /** Whether an action is within the issue; `now` comes in, so that workflow code may ask. */
  check(state: State, action: unknown, now: Time): Verdict;
  /** What the issue wants next. */
  next(state: State, now: Time): Next;
};

/**
 * The guard of one issue. It reads nothing but its arguments: no clock, no network, no dependency. Throws a TypeError
 * when the issue has no plan or no rules. The digest is checked where the issue is read from the store, not here.
 */
export function createGuard(issue: GuardedIssue): Guard {
  const view = viewOf(issue);
  return {
    check(state, input, now) {
      const action = readAction(input);
      if (typeof action === 'string') return refuse('UnknownAction', '', action);
      return otherDocument(issue, action) ?? checkAction({ view, state, now: timeOf(now) }, action);
    },
    next: (state, now) => nextIn({ view, state, now: timeOf(now) }),
  };
}

/** NaN for what is no moment: by it nothing begins or goes on. What never waits for a time is allowed all the same. */
const timeOf = (time: Time): number => {
  const ms = time instanceof Date ? time.getTime() : time;
  if (typeof ms !== 'number') return millisecondsOf(ms);
  return Number.isFinite(ms) ? ms : NaN;
};

/** `…-r2` and `…-r1` are revisions of one service and version. */
const familyOf = (issueId: string): string => issueId.replace(/-r\d+$/, '');

function otherDocument(
  issue: GuardedIssue,
  { digest, issue_id: id, revision }: Action,
): Refusal | undefined {
  const otherRevision =
    (revision !== undefined && revision !== issue.revision) ||
    (typeof id === 'string' && id !== issue.issue_id && familyOf(id) === familyOf(issue.issue_id));
  if (otherRevision)
    return refuse('WrongRevision', '/revision', `This is revision ${issue.revision}.`);
  if (digest !== issue.digest || (id !== undefined && id !== issue.issue_id))
    return refuse('WrongDigest', '/digest', 'The digest of the action is not that of the issue.');
  return undefined;
}

/** What refuses an action whatever it holds, in this order. */
const REASONS: Readonly<Record<Action['type'], readonly Reason[]>> = {
  deploy: [begunByAnother, endedIn, expiredIn, pausedIn, frozenIn],
  promote: [begunByAnother, endedIn, expiredIn, pausedIn],
  judge: [endedIn, expiredIn],
  mitigate: [endedIn, expiredIn, pausedIn],
  rollback: [],
  set_threshold: [endedIn, expiredIn],
  pause: [endedIn],
  continue: [endedIn, expiredIn, notPausedIn],
  abort: [overIn],
  finish: [endedIn, pausedIn, unpromotedIn],
};

function checkAction(context: Context, action: Action): Verdict {
  for (const reason of REASONS[action.type]) {
    const refusal = reason(context);
    if (refusal) return refusal;
  }
  switch (action.type) {
    case 'deploy':
      return checkDeploy(context, action);
    case 'promote':
      return checkPromote(context, action);
    case 'judge':
      return checkJudge(context, action);
    case 'mitigate':
      return checkMitigate(context, action);
    case 'rollback':
      return checkRollback(context, action);
    case 'set_threshold':
      return checkThreshold(context, action);
    case 'pause':
    case 'continue':
    case 'abort':
    case 'finish':
      return ALLOWED;
  }
}
