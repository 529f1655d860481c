/** SANDBOX: a stand-in for a company's release executor: it takes the issue by signal and holds it until aborted. */
import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { SIGNAL } from '../src/domain/names';

type ReleaseIssue = { issue_id: string; digest: string; issue?: unknown };
type State = { received: { issue_id: string; digest: string }[]; issue: unknown };

const releaseIssue = defineSignal<[ReleaseIssue]>(SIGNAL.releaseIssue);
const abort = defineSignal('abort');
const state = defineQuery<State>('state');

/** Drops a digest that it holds already, since a delivery may come twice. */
export async function ReleaseExecutorWorkflow(): Promise<State> {
  const held: State = { received: [], issue: null };
  let aborted = false;
  setHandler(releaseIssue, ({ issue_id, digest, issue }) => {
    if (held.received.some((known) => known.digest === digest)) return;
    held.received.push({ issue_id, digest });
    held.issue = issue ?? null;
  });
  setHandler(abort, () => void (aborted = true));
  setHandler(state, () => held);
  await condition(() => aborted);
  return held;
}
