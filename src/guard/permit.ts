import type { Action } from './action';
import { createGuard, type Time } from './guard';
import type { GuardedIssue } from './issue-view';
import type { State } from './state';
import { refuse, type Refusal } from './verdict';

/** The actions that change hosts. */
export type HostAction = Extract<Action, { type: 'deploy' | 'mitigate' | 'rollback' }>;

declare const minted: unique symbol;
/**
 * Leave to carry out one action on hosts: what the client of the release system takes in place of an action. It holds
 * the action itself, so that nothing else than what was allowed can be carried out.
 */
export type Permit = {
  readonly [minted]: true;
  readonly digest: string;
  readonly issue_id: string;
  readonly service: string;
  /** The batch that was deployed last when it was asked for; the own one of a deploy. */
  readonly batch_id: number;
  readonly action: Readonly<HostAction>;
};

const permits = new WeakSet<object>();

const isHostAction = (action: Action): action is HostAction =>
  action.type === 'deploy' || action.type === 'mitigate' || action.type === 'rollback';

/** The permit for an action that the issue allows now; else the refusal. No other function makes one. */
export function permitFor(
  issue: GuardedIssue,
  state: State,
  action: HostAction,
  now: Time,
): Permit | Refusal {
  const verdict = createGuard(issue).check(state, action, now);
  if (!verdict.allowed) return verdict;
  if (!isHostAction(action)) return refuse('UnknownAction', '', 'This action changes no host.');
  const current = state.batches[state.batches.length - 1]?.batch_id ?? 0;
  const permit = Object.freeze({
    digest: issue.digest,
    issue_id: issue.issue_id,
    service: issue.service,
    batch_id: action.type === 'deploy' ? action.batch_id : current,
    action: Object.freeze({ ...action, host_ids: Object.freeze([...action.host_ids]) }),
  }) as unknown as Permit;
  permits.add(permit);
  return permit;
}

/** Whether it was made here: a type can be asserted, a copy can be made. */
export const isPermit = (value: unknown): value is Permit =>
  typeof value === 'object' && value !== null && permits.has(value);
