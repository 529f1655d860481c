import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { recordIssue, type RecordIssueArgs } from '../../src/activities/record-issue';
import { createIssueStore } from '../../src/adapters/issue-store/issue-store';
import type { Issue } from '../../src/domain/issue';
import { shippedKnowledge } from '../fixtures/knowledge';

const sample = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../docs/examples/issue/issue.json'), 'utf8'),
) as Issue;
const folder = mkdtempSync(path.join(os.tmpdir(), 'record-issue-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => jest.useRealTimers());

const at = (time: string) =>
  jest.useFakeTimers({ now: new Date(time), doNotFake: ['nextTick', 'setImmediate'] });

const argsOf = (run_id: string): RecordIssueArgs => {
  const [version, metrics, plan, risks] = sample.steps;
  return {
    ...{ service: sample.service, version: sample.candidate },
    workflow: { id: sample.workflow.id, run_id },
    versionCheck: { result: version, warnings: [] },
    // Traffic that differs from hour to hour: how long a batch is observed depends on when it begins.
    metricAnalysis: {
      ...{ result: metrics, warnings: [] },
      traffic: Array.from({ length: 168 }, (_, hour) => 1 + (hour % 24) * 3),
    },
    releasePlan: { result: plan, warnings: [] },
    riskPrediction: { result: risks, warnings: [] },
  };
};

it('records one issue however often and how much later the activity is tried again', async () => {
  const deps = {
    knowledge: await shippedKnowledge(),
    issueStore: createIssueStore({ url: `file:${folder}`, index: 'x' }),
  };
  at('2026-11-27T03:14:15.678Z');
  const first = await recordIssue(deps, argsOf('a'));
  at('2026-11-27T03:16:15.123Z');
  expect(await recordIssue(deps, argsOf('a'))).toEqual(first);
  at('2026-11-27T21:59:59.999Z');
  expect(await recordIssue(deps, argsOf('a'))).toEqual(first);

  const other = await recordIssue(deps, argsOf('b'));
  expect(other.revision).toBe(2);
  const planOf = (issue: Issue) => issue.steps[2].details.gray_strategy.batches;
  // The time matters to the plan, or the case would show nothing.
  expect(planOf(other)).not.toEqual(planOf(first));
});

it('records what the policy demands: approvals, repairs, deploy time, and the earliest begin', async () => {
  const { rollout, ...knowledge } = await shippedKnowledge();
  const { policy: id } = sample.steps[2].details.gray_strategy;
  const days: ('mon' | 'tue' | 'wed' | 'thu' | 'fri')[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
  const demanding = {
    ...{ approvals: 1, prevent_self_approval: true, deploy_timeout: '120s', max_repairs: 1 },
    working_hours: { time_zone: 'Asia/Shanghai', from: '09:30', until: '18:00', days },
  };
  const deps = {
    knowledge: {
      ...knowledge,
      rollout: rollout.map((one) => (one.id === id ? { ...one, ...demanding } : one)),
    },
    issueStore: createIssueStore({ url: `file:${folder}/demands`, index: 'x' }),
  };
  // Saturday.
  at('2026-11-28T03:00:00Z');
  const args = { ...argsOf('c'), requestedBy: 'ana' };
  const issue = await recordIssue(deps, args);
  expect(issue).toMatchObject({
    approvals: { required: 1, requested_by: 'ana' },
    ...{ max_repairs: 1, deploy_timeout: '120s' },
  });
  const begin = Date.parse('2026-11-30T01:30:00Z');
  expect(Date.parse(issue.not_before ?? '')).toBe(begin);
  // It must not expire before it may begin.
  expect(Date.parse(issue.expires_at)).toBeGreaterThan(begin + 3_600_000);
  const codes = (found: Issue) => found.warnings.map(({ code }) => code);
  expect(codes(issue)).not.toContain('OutsideWorkingHours');

  const override = { by: 'ana', reason: 'an incident', conflicts: [] };
  const urgent = await recordIssue(deps, { ...argsOf('d'), override });
  expect(urgent.not_before).toBeUndefined();
  expect(urgent.approvals).toMatchObject({ required: 2 });
  expect(codes(urgent)).toContain('OutsideWorkingHours');
});

it('asks for a person where the policy of the plan is not known any more', async () => {
  const knowledge = { ...(await shippedKnowledge()), rollout: [] };
  const issueStore = createIssueStore({ url: `file:${folder}/gone`, index: 'x' });
  const issue = await recordIssue({ knowledge, issueStore }, argsOf('e'));
  expect(issue.approvals).toMatchObject({ required: 1 });
});
