import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import {
  spawnWorker,
  untilSaid,
  type ProductProcess,
} from '../../fixtures/processes/product-process';
import { startSmallStack, type SmallStack } from '../../fixtures/stacks/small-stack';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(300_000);

const ROOT = path.resolve(__dirname, '../../..');
const SERVICE = 'user-service';
const VERSION = 'v2.0.0';
const client = new Client({ name: 'test', version: '0.0.0' });
let stack: SmallStack;
let worker: ProductProcess;

beforeAll(async () => {
  stack = await startSmallStack({ service: SERVICE });
  const env = stack.environment();
  worker = await untilSaid(spawnWorker(env), 'RUNNING');
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [path.join(ROOT, 'dist/src/cli.js'), 'mcp'],
      stderr: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', ...env },
    }),
  );
}, 300_000);
afterAll(async () => {
  await client.close();
  await worker?.stop();
  await stack?.stop();
});

async function call(name: string, args: Record<string, unknown>) {
  const { content, isError = false } = await client.callTool({ name, arguments: args });
  const [first] = content;
  if (isError) throw new Error(first?.type === 'text' ? first.text : 'no text');
  return JSON.parse(first?.type === 'text' ? first.text : '') as Record<string, unknown>;
}
const release = { service: SERVICE, version: VERSION };

it('lets an agent start a preparation, follow it, and check an action of its issue', async () => {
  const started = await call('prepare_release', release);
  // Asked again it joins the run that is already there.
  const joined = await call('prepare_release', release);
  expect(joined['run_id']).toBe(started['run_id']);
  const ended = await waitUntil(
    () => call('get_preparation', release),
    (status) => status['state'] !== 'RUNNING',
    { timeoutMs: 200_000 },
  );
  expect(ended['state']).toBe('COMPLETED');
  const { issues } = (await call('list_issues', { service: SERVICE })) as {
    issues: { issue_id: string; candidate: string }[];
  };
  expect(issues).toHaveLength(1);
  const issueId = issues[0]?.issue_id;
  const summary = await call('get_issue', { issue_id: issueId });
  const plan = (await call('get_issue', { issue_id: issueId, part: 'plan' })) as {
    batches: { items: { batch_id: number; host_ids: { items: string[] } }[] };
  };
  const [batch] = plan.batches.items;
  const action = {
    ...{ type: 'deploy', batch_id: batch?.batch_id, version: VERSION, digest: summary['digest'] },
    host_ids: batch?.host_ids.items,
  };
  expect(await call('check_action', { issue_id: issueId, action })).toEqual({ allowed: true });
  const other = { ...action, version: 'v3.0.0' };
  expect(await call('check_action', { issue_id: issueId, action: other })).toMatchObject({
    code: 'WrongVersion',
  });
  // Its issue is sent to nobody: the executor that is configured has no workflow.
  const executors = stack
    .client()
    .workflow.list({ query: 'WorkflowType = "ReleaseExecutorWorkflow"' });
  for await (const found of executors) throw new Error(`${found.workflowId} got the issue`);
});
