import * as wf from '@temporalio/workflow';
import { createGuard, stateOf, type Action, type Event } from 'release-prep/guard';
import type * as Activities from './activities';

const does = wf.proxyActivities<typeof Activities>({ startToCloseTimeout: '20m' });
const releaseIssue = wf.defineSignal<[{ issue_id: string; digest: string }]>('releaseIssue');

/** Carries a release out by its issue: the guard says what comes next, and whether it is allowed. */
export async function MyExecutorWorkflow(): Promise<string> {
  let id = '';
  wf.setHandler(releaseIssue, ({ issue_id: delivered }) => void (id ||= delivered));
  await wf.condition(() => id !== '');
  const issue = await does.readIssue(id);
  const guard = createGuard(issue);
  const events: Event[] = [];
  const state = () => stateOf(events);
  /** Asks the guard, does it, and remembers it. A judgement is remembered whatever it came to. */
  const act = async (wish: object, work?: () => Promise<void>): Promise<void> => {
    const action = { ...wish, digest: issue.digest } as Action;
    const verdict = guard.check(state(), action, Date.now());
    if (!verdict.allowed && action.type !== 'judge')
      throw wf.ApplicationFailure.nonRetryable(verdict.message, verdict.code);
    const at = new Date().toISOString();
    await work?.();
    events.push({ ...action, at, ended_at: new Date().toISOString() });
  };
  for (let next = guard.next(state(), Date.now()); next.do !== 'nothing';) {
    if (next.do === 'deploy') {
      const { version, host_ids } = next;
      await act({ ...next, type: 'deploy' }, () => does.deploy(issue.service, version, host_ids));
    } else if (next.do === 'observe' || next.do === 'judge') {
      const left = next.do === 'judge' ? 0 : Date.parse(next.until) - Date.now();
      await wf.sleep(Math.min(60_000, Math.max(5_000, left / 4)));
      for (const [rule_id, samples] of Object.entries(await does.sample(id, next.rule_ids)))
        await act({ type: 'judge', batch_id: next.batch_id, rule_id, samples });
    } else if (next.do === 'answer') {
      for (const [version, hosts] of Object.entries(issue.rollback?.targets ?? {})) {
        const host_ids = hosts.filter((host) => state().released.includes(host));
        const work = () => does.deploy(issue.service, version, host_ids);
        if (host_ids.length > 0) await act({ type: 'rollback', version, host_ids }, work);
      }
    } else if (next.do === 'wait') await wf.sleep('30s');
    else await act({ ...next, type: next.do });
    next = guard.next(state(), Date.now());
  }
  const result = state().ended?.how === 'finished' ? 'completed' : 'rolled_back';
  await does.report(issue, result, events);
  const lock = wf.getExternalWorkflowHandle(`release-lock/release-prep/${issue.service}`);
  const { workflowId } = wf.workflowInfo();
  await lock.signal('end', { workflow_id: workflowId }).catch(() => undefined);
  return result;
}
