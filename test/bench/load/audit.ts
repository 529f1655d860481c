/** What a load left behind: issues in the store, signals at the executors, histories on the server. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import pLimit from 'p-limit';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { executorIdOf, SIGNAL, workflowIdOf } from '../../../src/domain/names';
import type { Landscape } from './landscape';
import { serviceName, VERSION } from './names';
import { readHistory, type RunFigures } from './run-figures';

const AT_ONCE = 20;

export type Audit = {
  /** Preparations without exactly one issue or without an effective signal. */
  lost: string[];
  /** Preparations with more than one issue, or more than one signal that had an effect. */
  duplicated: string[];
  /** Signals over one an executor, that it dropped as known. */
  repeatedSignals: number;
  runs: RunFigures[];
};

type State = { received: { issue_id: string; digest: string }[] };

/** Reads the store, each executor and each history. */
export async function audit(
  { client, issueStoreUrl }: Landscape,
  { from, runs }: { from: number; runs: number },
): Promise<Audit> {
  const store = createIssueStore({ url: issueStoreUrl, index: 'release-issues' });
  const recorded = new Map<string, string[]>();
  for (const { service, issue_id: id } of await store.list({ limit: Number.MAX_SAFE_INTEGER })) {
    recorded.set(service, [...(recorded.get(service) ?? []), id]);
  }
  const found: Audit = { lost: [], duplicated: [], repeatedSignals: 0, runs: [] };
  const limit = pLimit(AT_ONCE);
  const look = async (index: number) => {
    const service = serviceName(index);
    const issues = recorded.get(service) ?? [];
    const { effective, signals } = await signalsTo(client, service);
    const told = effective.filter(({ issue_id: id }) => issues.includes(id));
    if (issues.length === 0 || told.length === 0) found.lost.push(service);
    if (issues.length > 1 || effective.length > 1) found.duplicated.push(service);
    found.repeatedSignals += signals - effective.length;
    const run = await readHistory(client.workflow.getHandle(workflowIdOf(service, VERSION))).catch(
      gone,
    );
    if (run !== undefined) found.runs.push(run);
  };
  await Promise.all(Array.from({ length: runs }, (_, i) => limit(() => look(from + i))));
  return found;
}

/** A preparation that could not even be started has no history; it counts as lost. */
function gone(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** What the executor took, and how many signals came. */
async function signalsTo(client: Client, service: string) {
  const executor = client.workflow.getHandle(executorIdOf(service, VERSION));
  try {
    const { received } = await executor.query<State>('state');
    const { events } = await executor.fetchHistory();
    const signals = (events ?? []).filter(
      ({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal?.signalName === SIGNAL.releaseIssue,
    );
    return { effective: received, signals: signals.length };
  } catch {
    return { effective: [], signals: 0 };
  }
}
