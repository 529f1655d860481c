import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReleaseSystem, type SandboxReleaseSystem } from '../../sandbox/release-system';
import { startPrometheus, type PrometheusServer } from '../fixtures/servers/prometheus';
import { exampleHosts, releasePrep, type Run } from '../fixtures/stacks/stack';

jest.setTimeout(120_000);

const SERVICE = 'user-service';
const ROOT = path.resolve(__dirname, '../..');

let releaseSystem: SandboxReleaseSystem;
let prometheus: PrometheusServer;
let env: Record<string, string>;
const folder = mkdtempSync('/tmp/release-prep-try-');
beforeAll(async () => {
  releaseSystem = await startReleaseSystem({ hosts: exampleHosts(SERVICE) });
  prometheus = await startPrometheus(SERVICE);
  env = {
    RELEASE_SYSTEM_URL: releaseSystem.url,
    PROMETHEUS_URL: prometheus.url,
    TOPOLOGY_URL: `file:${path.join(ROOT, 'sandbox/data/chain.json')}`,
    ISSUE_STORE_URL: `file:${folder}/issues`,

    LLM_MODE: 'off',
  };
}, 120_000);
afterAll(async () => {
  await releaseSystem?.stop();
  await prometheus?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const attempt = (...args: string[]): Promise<Run> => releasePrep(['try', ...args], env);

/** What a person sees: the same command on a terminal of its own, colours left out. */
async function onTerminal(...args: string[]): Promise<string> {
  const cli = path.join(ROOT, 'dist/src/cli.js');
  const command = [process.execPath, cli, 'try', ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols 160; ${command}`, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return out.replaceAll('\r', '');
}

it('metrics: groups, rules with levels in words, what history looked like, and verdicts', async () => {
  const shown = await onTerminal('metrics', '--service', SERVICE);
  expect(shown).toContain(`service="${SERVICE}"`);
  for (const group of ['CPU', 'Memory', 'Error Rate', 'Latency', 'Traffic'])
    expect(shown).toMatch(new RegExp(`^${group}\\b`, 'm'));
  expect(shown).toMatch(/http_requests_total/);
  // A day of history within the two weeks that are drawn.
  expect(shown).toMatch(/·{20,}[▁▂▃▄▅▆▇█]{2}/);
  expect(shown).toMatch(/> \d+ms .* judgeable +history/);
  expect(shown).toMatch(/would have stopped 0 of \d+ calm releases of 1 h 40 min/);
  expect(shown).toContain('HostsNotInMetrics');

  const { code, out } = await attempt('metrics', '--service', SERVICE, '--json');
  expect(code).toBe(0);
  const { step_name: step, details } = JSON.parse(out) as {
    step_name: string;
    details: { service: string; metrics: { name: string; rules: { expr: string }[] }[] };
  };
  expect([step, details.service]).toEqual(['MetricAnalysis', SERVICE]);
  const rules = details.metrics.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(4);
  for (const { expr } of rules) expect(expr).toContain(`service="${SERVICE}"`);
});

it('risks: a table with what to do; a pipe gets the result', async () => {
  const args = ['risks', '--service', SERVICE, '--version', 'v1.1.0'];
  const shown = await onTerminal(...args);
  expect(shown).toMatch(/RiskPrediction|risks/);
  expect(shown).toMatch(/high|medium/);
  const { code, out } = await attempt(...args);
  expect(code).toBe(0);
  const { step_name: step, details } = JSON.parse(out) as {
    step_name: string;
    details: { risks: { type: string; severity: string }[] };
  };
  expect(step).toBe('RiskPrediction');
  expect(details.risks.length).toBeGreaterThan(3);
});

it('plan: batches of all hosts, as a table, as Markdown and as a gantt chart', async () => {
  const shown = await onTerminal('plan', '--service', SERVICE);
  for (const { host_id: id } of exampleHosts(SERVICE).slice(0, 2)) expect(shown).toContain(id);
  const markdown = await attempt('plan', '--service', SERVICE, '--markdown');
  expect(markdown.code).toBe(0);
  expect(markdown.out).toMatch(/^\|.*\|$/m);
  expect(markdown.out).toContain('gantt');
  const mermaid = await attempt('plan', '--service', SERVICE, '--mermaid');
  expect(mermaid).toMatchObject({ code: 0 });
  expect(mermaid.out).toMatch(/^gantt/);
});

it('chain: a tree, or a flowchart, and no other upstream is needed', async () => {
  const only = { TOPOLOGY_URL: env['TOPOLOGY_URL'] ?? '' };
  const { code, out } = await releasePrep(
    ['try', 'chain', '--service', SERVICE, '--mermaid'],
    only,
  );
  expect(code).toBe(0);
  expect(out).toMatch(/^flowchart/);
  expect(out).toContain(SERVICE);
  const shown = await onTerminal('chain', '--service', SERVICE);
  expect(shown).toContain(SERVICE);
  expect(shown).toMatch(/[├└]/);
});

it('metrics, plan, risks: an unknown service is refused with the option that allows it', async () => {
  const refused = await attempt('metrics', '--service', 'no-such-service');
  expect(refused).toMatchObject({ code: 4, out: '' });
  expect(refused.err).toContain('tried the labels service, service_name, job, app');
  const [option = ''] = /--allow-[a-z-]+/.exec(refused.err) ?? [];
  const allowed = await attempt('metrics', '--service', 'no-such-service', option);
  expect(allowed.code).toBe(0);
  expect(JSON.parse(allowed.out)).toMatchObject({ details: { metrics: [] } });

  const plan = await attempt('plan', '--service', SERVICE, option);
  expect(plan).toMatchObject({ code: 0, err: '' });
  const risks = await attempt('risks', '--service', SERVICE, '--version', 'v1.1.0', option);
  expect(risks).toMatchObject({ code: 0, err: '' });
});

it('verify: the verdict, also for the hosts of a file', async () => {
  const file = path.join(folder, 'hosts.json');
  const [first] = exampleHosts(SERVICE);
  writeFileSync(file, JSON.stringify([{ host_id: first?.host_id, host_ip: first?.host_ip }]));
  const args = ['verify', '--service', SERVICE, '--version', 'v1.1.0', '--hosts', file];
  const { code, out } = await attempt(...args);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ...{ step_name: 'VersionCheck', status: 'success', warnings: [] },
  });
});

it('verify, plan, risks: need the release system alone, and end with 3 where a release would be refused', async () => {
  const only = { RELEASE_SYSTEM_URL: env['RELEASE_SYSTEM_URL'] ?? '', LLM_MODE: 'off' };
  const alone = (...args: string[]) => releasePrep(['try', ...args, '--version', 'v1.1.0'], only);
  for (const step of ['verify', 'plan', 'risks']) {
    const good = await alone(step, '--service', SERVICE);
    expect([step, good.code]).toEqual([step, 0]);
    expect(JSON.parse(good.out)).toMatchObject({ details: {}, warnings: expect.any(Array) });
    const refused = await alone(step, '--service', 'no-such-service');
    expect([step, refused.code]).toEqual([step, 3]);
    expect(refused.err).toContain('refused (NoTargetHosts)');
  }
});

it.each([
  ['an unknown step', ['holidays', '--service', SERVICE], 'try: holidays is none of verify, chain'],
  ['no service', ['metrics'], "required option '--service <name>' not specified"],
  ['risks of no version', ['risks', '--service', SERVICE], 'try risks: --version is needed'],
  ['an empty name', ['metrics', '--service', ' '], 'service'],
  ['an unknown option', ['chain', '--service', SERVICE, '--yaml'], "unknown option '--yaml'"],
])('one clear error for %s', async (_, args, message) => {
  const { code, out, err } = await attempt(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

it('prepare --embedded: names no command that would need its server', async () => {
  const args = ['prepare', '--service', SERVICE, '--version', 'v1.0.0', '--embedded'];
  const refused = await releasePrep(args, env);
  expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('run the same command')]);
  expect(refused.err).not.toContain('resume');
});

it('demo: an interrupt while it starts leaves no file', async () => {
  const cli = path.join(ROOT, 'dist/src/cli.js');
  const temporary = mkdtempSync('/tmp/release-prep-interrupt-');
  const options = { env: { PATH: process.env['PATH'] ?? '', TMPDIR: temporary } };
  const demo = spawn(process.execPath, [cli, 'demo'], options);
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  for (let i = 0; i < 400 && readdirSync(temporary).length < 2; i += 1) await sleep(50);
  expect(readdirSync(temporary)).toHaveLength(2);
  demo.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(readdirSync(temporary)).toEqual([]);
});

it('says all that is missing where an upstream is not configured', async () => {
  const { code, err } = await releasePrep(['try', 'metrics', '--service', SERVICE], {});
  expect(code).toBe(2);
  expect(err).toContain('PROMETHEUS_URL');
});

it('shows its options with --help', async () => {
  const { code, out } = await attempt('--help');
  expect(code).toBe(0);
  for (const option of ['--service', '--version', '--hosts', '--json', '--markdown', '--mermaid'])
    expect(out).toContain(option);
});
