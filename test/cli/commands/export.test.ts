import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import type { CommandError } from '../../../src/cli/exit-codes';
import { program } from '../../../src/cli/program';
import type { Issue, IssueDraft } from '../../../src/domain/issue';
import { sampleIssue } from '../../fixtures/arbitrary-issue';

jest.setTimeout(120_000);

let folder: string;
let issue: Issue;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'export-'));
  const given = ['issue_id', 'revision', 'digest'];
  const draft = Object.fromEntries(
    Object.entries(sampleIssue()).filter(([key]) => !given.includes(key)),
  ) as IssueDraft;
  issue = await createIssueStore({ url: `file:${path.join(folder, 'issues')}`, index: 'x' }).record(
    draft,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ENV = ['ISSUE_STORE_URL', 'TEMPORAL_ADDRESS', 'PROMETHEUS_URL', 'SERVE_BASE_URL'];
const before = ENV.map((name) => [name, process.env[name]] as const);
afterEach(() => {
  jest.restoreAllMocks();
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

async function run(args: string[], env: Record<string, string> = {}) {
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      output[stream] += String(text);
      return true;
    });
  Object.assign(process.env, {
    ISSUE_STORE_URL: `file:${path.join(folder, 'issues')}`,
    // Neither Temporal nor Prometheus is asked.
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    PROMETHEUS_URL: 'http://ana:secret-word@127.0.0.1:1/metrics/',
    ...env,
  });
  try {
    await program().parseAsync(['node', 'release-prep', 'export', ...args]);
    return { ...output, status: 0 };
  } catch (error) {
    const { message, exitCode } = error as CommandError;
    return { ...output, stderr: output.stderr + message, status: exitCode };
  } finally {
    jest.restoreAllMocks();
  }
}

it('prints documents on stdout alone, and what is lost on stderr', async () => {
  const { stdout, stderr, status } = await run([
    issue.service,
    issue.candidate,
    '--to',
    'argo-rollouts',
  ]);
  expect(status).toBe(0);
  const kinds = parseAllDocuments(stdout).map((one) => (one.toJS() as { kind: string }).kind);
  const gating = issue.steps[1].details.metrics.flatMap(({ rules }) =>
    rules.filter(({ gates }) => gates),
  );
  expect(kinds.filter((kind) => kind === 'AnalysisTemplate')).toHaveLength(gating.length);
  expect(kinds[kinds.length - 1]).toBe('Rollout');
  expect(stderr).toMatch(/^argo-rollouts: hosts: /m);
  expect(stderr).toMatch(/expired|approvals/);
  expect(stdout).toContain('http://127.0.0.1:1/metrics');
  expect(stdout + stderr).not.toContain('secret-word');
});

it('calls the gate where SERVE_BASE_URL is set, and nowhere else', async () => {
  const gate = `https://prep.example.com/x/v1/gates/flagger/${issue.issue_id}`;
  const args = [issue.issue_id, '--to', 'flagger'];
  expect((await run(args)).stdout).not.toContain('/v1/gates/');
  const { stdout } = await run(args, { SERVE_BASE_URL: 'https://prep.example.com/x/' });
  expect(stdout.split(gate)).toHaveLength(6);
});

it('writes files that others can read, keeps equal ones, and replaces others only when told', async () => {
  const out = path.join(folder, 'out');
  const args = [issue.issue_id, '--to', 'flagger', '--out', out];
  const first = await run(args);
  expect(first.stdout.split('\n').filter(Boolean)).toEqual([
    `wrote ${out}/flagger-metric-templates.yaml`,
    `wrote ${out}/flagger-canary.yaml`,
  ]);
  expect(statSync(path.join(out, 'flagger-canary.yaml')).mode & 0o444).toBe(0o444);
  expect((await run(args)).stdout).toContain(`unchanged ${out}/flagger-canary.yaml`);
  writeFileSync(path.join(out, 'flagger-canary.yaml'), 'mine');
  rmSync(path.join(out, 'flagger-metric-templates.yaml'));
  const refused = await run(args);
  expect([refused.status, refused.stdout]).toEqual([4, '']);
  expect(refused.stderr).toMatch(/nothing was written: .*flagger-canary.yaml differ; give --force/);
  expect(readdirSync(out)).toEqual(['flagger-canary.yaml']);
  expect((await run([...args, '--force'])).status).toBe(0);
  expect(readFileSync(path.join(out, 'flagger-canary.yaml'), 'utf8')).toContain('kind: Canary');
});

it('refuses a target that it does not know, and an issue that nobody recorded', async () => {
  const unknown = await run([issue.issue_id, '--to', 'spinnaker']);
  expect([unknown.status, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toContain('prometheus, prometheus-operator, argo-rollouts');
  expect((await run(['nobody', 'v1', '--to', 'flagger'])).status).toBe(4);
  expect((await run([issue.issue_id, '--to', 'flagger', '--force'])).status).toBe(2);
  expect((await run([issue.issue_id])).status).toBe(2);
});

it('warns of an issue that has expired', async () => {
  const { stderr } = await run([issue.issue_id, '--to', 'openkruise']);
  const expired = new Date() >= new Date(issue.expires_at);
  expect(stderr.includes(`the issue expired at ${issue.expires_at}`)).toBe(expired);
});
