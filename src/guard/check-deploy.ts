import type { Action } from './action';
import { checkApproved } from './approvals/approvals';
import { noSuchBatch, observedBatch, type Context } from './context';
import type { GuardedBatch } from './issue-view';
import { ALLOWED, refuse, type Refusal, type Verdict } from './verdict';

type Deploy = Extract<Action, { type: 'deploy' }>;

/** A deploy: of the candidate, to exactly the hosts of the next batch, when the batch before was promoted. */
export function checkDeploy(context: Context, action: Deploy): Verdict {
  const { issue, batchById } = context.view;
  const approved = checkApproved(issue, context.state.approvals, context.now);
  if (!approved.allowed) return approved;
  const { version } = action;
  if (version !== issue.candidate)
    return refuse(
      'WrongVersion',
      '/candidate',
      `The issue is for ${issue.candidate}, not for ${version}.`,
    );
  const batch = batchById.get(action.batch_id);
  if (!batch) return noSuchBatch(action.batch_id);
  return orderIn(context, batch) ?? hostsIn(batch, action.host_ids) ?? ALLOWED;
}

function orderIn({ state }: Context, { batch_id: id, index, pointer }: GuardedBatch) {
  if (state.batches.some(({ batch_id }) => batch_id === id))
    return refuse('Replayed', pointer, `Batch ${id} was deployed already.`);
  if (index !== state.batches.length || observedBatch(state))
    return refuse('OutOfOrder', pointer, `Batch ${id} is not next.`);
  return undefined;
}

function hostsIn(
  { hosts, pointer, batch_id: id }: GuardedBatch,
  named: readonly string[],
): Refusal | undefined {
  const clause = `${pointer}/hosts`;
  const extra = named.find((host) => !hosts.has(host));
  if (extra !== undefined)
    return refuse('ExtraHost', clause, `Host ${extra} is not in batch ${id}.`);
  const unique = new Set(named);
  if (unique.size < named.length) return refuse('ExtraHost', clause, 'A host is named twice.');
  const missing = [...hosts].find((host) => !unique.has(host));
  return missing === undefined
    ? undefined
    : refuse('MissingHost', clause, `Host ${missing} of batch ${id} is missing.`);
}
