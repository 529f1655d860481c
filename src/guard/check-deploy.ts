import type { Action } from './action';
import { checkApproved } from './approvals/approvals';
import {
  begunByAnother,
  currentBatch,
  endedIn,
  expiredIn,
  firstOf,
  noSuchBatch,
  pausedIn,
  type Context,
} from './context';
import type { GuardedBatch } from './issue-view';
import { durationText } from './time';
import { ALLOWED, refuse, type Refusal, type Verdict } from './verdict';

type Deploy = Extract<Action, { type: 'deploy' }>;

/** A deploy: of the candidate, to exactly the hosts of the next batch, when the batch before was promoted. */
export function checkDeploy(context: Context, action: Deploy): Verdict {
  const { view, state } = context;
  const refusal = firstOf(context, begunByAnother, endedIn, expiredIn, pausedIn, frozenIn);
  if (refusal !== undefined) return refusal;
  const approved = checkApproved(view.issue, state.approvals);
  if (!approved.allowed) return approved;
  if (action.version !== view.issue.candidate)
    return refuse(
      'WrongVersion',
      '/candidate',
      `The issue is for ${view.issue.candidate}, not for ${action.version}.`,
    );
  const batch = view.batchById.get(action.batch_id);
  if (batch === undefined) return noSuchBatch(action.batch_id);
  return orderIn(context, batch) ?? hostsIn(batch, action.host_ids) ?? ALLOWED;
}

function frozenIn({ view, state, now }: Context): Refusal | undefined {
  if (!(now >= view.notBefore))
    return refuse('Frozen', '/not_before', `It may not begin before ${view.issue.not_before}.`);
  // `!(<)`: a freeze whose end cannot be read does not end.
  const freeze = state.freezes.find(({ from, until }) => now >= from && !(now >= until));
  if (freeze === undefined) return undefined;
  const reason = freeze.reason === '' ? '' : `: ${freeze.reason}`;
  return refuse(
    'Frozen',
    '',
    `Releases are frozen for ${durationText(freeze.until - now)} more${reason}.`,
  );
}

function orderIn({ state }: Context, batch: GuardedBatch): Refusal | undefined {
  const id = batch.batch_id;
  if (state.batches.some(({ batch_id }) => batch_id === id))
    return refuse('Replayed', batch.pointer, `Batch ${id} was deployed already.`);
  const current = currentBatch(state);
  if (batch.index !== state.batches.length || (current && current.promotedAt === undefined))
    return refuse('OutOfOrder', batch.pointer, `Batch ${id} is not next.`);
  return undefined;
}

function hostsIn(
  { hosts, pointer, batch_id }: GuardedBatch,
  named: readonly string[],
): Refusal | undefined {
  const clause = `${pointer}/hosts`;
  const extra = named.find((host) => !hosts.has(host));
  if (extra !== undefined)
    return refuse('ExtraHost', clause, `Host ${extra} is not in batch ${batch_id}.`);
  const unique = new Set(named);
  if (unique.size < named.length) return refuse('ExtraHost', clause, 'A host is named twice.');
  if (unique.size === hosts.size) return undefined;
  const missing = [...hosts].find((host) => !unique.has(host));
  return refuse('MissingHost', clause, `Host ${missing} of batch ${batch_id} is missing.`);
}
