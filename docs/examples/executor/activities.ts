import { activityInfo, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Issue } from 'release-prep';
import type { Event, Sample } from 'release-prep/guard';

const { RELEASE_PREP_URL = '', RELEASE_PREP_TOKEN = '' } = process.env;
const { RELEASE_SYSTEM_URL = '', PROMETHEUS_URL = '' } = process.env;

async function ask<Answer>(url: string, body?: object, headers: object = {}): Promise<Answer> {
  const content = { 'content-type': 'application/json', ...headers };
  const how = body && { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(url, { ...how, headers: content });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
const prep = <Answer>(path: string, body?: object): Promise<Answer> =>
  ask(`${RELEASE_PREP_URL}/v1/issues/${path}`, body, {
    authorization: `Bearer ${RELEASE_PREP_TOKEN}`,
  });

export const readIssue = (id: string): Promise<Issue> => prep(id);

/** A retry of the activity has the same key, so that the deployment happens once. */
export async function deploy(service: string, version: string, host_ids: readonly string[]) {
  const { workflowExecution, activityId } = activityInfo();
  const key = { 'idempotency-key': `${workflowExecution?.runId}/${activityId}` };
  const url = `${RELEASE_SYSTEM_URL}/v1/deployments`;
  type Deployment = { deployment_id: string; status: string };
  let found = await ask<Deployment>(url, { service, version, host_ids }, key);
  for (; found.status === 'pending' || found.status === 'running'; await sleep('1s'))
    found = await ask<Deployment>(`${url}/${found.deployment_id}`);
  if (found.status !== 'succeeded')
    throw ApplicationFailure.nonRetryable(`deployment ${found.deployment_id} failed`);
}

/** The last 90 seconds of each rule: more than the time between two looks, so that nothing is missed. */
export async function sample(id: string, rules: string[]): Promise<Record<string, Sample[]>> {
  const issue = await readIssue(id);
  const all = issue.steps[1].details.metrics.flatMap((group) => group.rules);
  const end = Math.floor(Date.now() / 5_000) * 5;
  const found: Record<string, Sample[]> = {};
  for (const { rule_id = '', expr } of all.filter((rule) => rules.includes(rule.rule_id ?? ''))) {
    const range = { query: expr, start: `${end - 90}`, end: `${end}`, step: '5' };
    type Matrix = { data: { result: { metric: object; values: [number, string][] }[] } };
    const { data } = await ask<Matrix>(
      `${PROMETHEUS_URL}/api/v1/query_range?${new URLSearchParams(range).toString()}`,
    );
    found[rule_id] = data.result.flatMap(({ metric, values }) =>
      values.map(([at, value]) => ({
        ...{ at: new Date(at * 1000).toISOString(), value: Number(value) },
        series: JSON.stringify(metric),
      })),
    );
  }
  return found;
}

export async function report(issue: Issue, result: string, events: Event[]): Promise<void> {
  const at = (index: number) => events.at(index)?.at ?? new Date().toISOString();
  const batches = events.flatMap((event) => {
    if (event.type !== 'deploy') return [];
    const { batch_id, host_ids: hosts, ended_at = event.at } = event;
    const passed = events.find((one) => one.type === 'promote' && one.batch_id === batch_id);
    return [{ batch_id, hosts, deployed_at: ended_at, observed_until: passed?.at ?? null }];
  });
  await prep(`${issue.issue_id}/outcome`, {
    ...{ issue_id: issue.issue_id, digest: issue.digest, result },
    ...{ started_at: at(0), ended_at: at(-1) },
    batches: batches.map((batch) => ({ ...batch, verdicts: {} })),
    ...{ rules: [], risks: [], actions: [] },
  });
}
