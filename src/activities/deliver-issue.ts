import { WorkflowNotFoundError } from '@temporalio/client';
import { UpstreamError } from '../adapters/upstream/upstream-error';
import { SIGNAL } from '../domain/names';
import type { Issue } from '../domain/issue';
import { receiverOf } from '../steps/claims/issue-receiver';
import type { Deps } from './runtime/activity-deps';

/** Above 256 KiB Temporal warns and our payloads are stored outside history; an executor reads such an issue from the store. */
const MAX_INLINE_BYTES = 250 * 1024;

/** What the executor receives; `issue` is absent when it is over 256 KiB: read it by `issue_id`. */
export type IssueSignal = { issue_id: string; digest: string; issue?: Issue };

export type DeliverIssueArgs = {
  service: string;
  version: string;
  issueId: string;
  digest: string;
  executor?: { workflow_id: string };
  delivery?: 'execute' | 'none';
};

/**
 * Signals the issue to the executor that the request names, otherwise to `release/{service}/{version}`, which is started
 * if it does not run. Without a configured executor nothing is signalled. A retry may deliver twice; executors ignore a
 * digest that they already have.
 */
export async function deliverIssue(
  deps: Pick<Deps, 'client' | 'issueStore' | 'executor'>,
  args: DeliverIssueArgs,
): Promise<{ delivered_to: string | null; task_queue?: string }> {
  const receiver = receiverOf(args, deps.executor);
  if (receiver.kind === 'nobody') return { delivered_to: null };
  const payload = await signalOf(deps, args);
  const { workflowId } = receiver;
  try {
    if (receiver.kind === 'running') {
      await deps.client.workflow.getHandle(workflowId).signal(SIGNAL.releaseIssue, payload);
    } else {
      await deps.client.workflow.signalWithStart(receiver.workflowType, {
        workflowId,
        taskQueue: receiver.taskQueue,
        args: [],
        signal: SIGNAL.releaseIssue,
        signalArgs: [payload],
      });
    }
  } catch (error) {
    const reason =
      error instanceof WorkflowNotFoundError ? 'no such workflow runs' : (error as Error).message;
    throw new UpstreamError('executor', `${workflowId}: ${reason}`, { cause: error });
  }
  return {
    delivered_to: workflowId,
    ...(receiver.kind === 'started' && { task_queue: receiver.taskQueue }),
  };
}

async function signalOf(
  { issueStore }: Pick<Deps, 'issueStore'>,
  { issueId, digest }: DeliverIssueArgs,
): Promise<IssueSignal> {
  const issue = await issueStore.get(issueId);
  if (issue === null || issue.digest !== digest) {
    throw new UpstreamError('issue-store', `${issueId} is not stored with digest ${digest}`);
  }
  const inline = Buffer.byteLength(JSON.stringify(issue)) <= MAX_INLINE_BYTES;
  return { issue_id: issueId, digest, ...(inline && { issue }) };
}
