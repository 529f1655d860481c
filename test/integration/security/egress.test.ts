import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Issue } from '../../../src/domain/issue';
import { answer, serveModel, strictServer } from '../../fixtures/servers/model';
import { watchRemotes } from '../../fixtures/processes/open-sockets';
import { runToEnd } from '../../fixtures/processes/process';
import { spawnWorker, untilSaid } from '../../fixtures/processes/product-process';
import { startSmallStack, type SmallStack } from '../../fixtures/stacks/small-stack';
import { exampleHosts, releasePrep } from '../../fixtures/stacks/stack';
import { startTrap, type Trap } from '../../fixtures/servers/trap';

jest.setTimeout(180_000);

const SERVICE = 'user-service';
const HOOK = path.resolve(__dirname, '../../fixtures/processes/egress-hook.cjs');

let stack: SmallStack;
let trap: Trap;
beforeAll(async () => {
  stack = await startSmallStack({ service: SERVICE, token: 'token-of-the-release-system' });
  trap = await startTrap();
}, 400_000);
afterAll(async () => {
  await trap?.stop();
  await stack?.stop();
});

/** Every way by which a proxy is named in an environment leads into the trap. */
const proxies = () =>
  Object.fromEntries(
    ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy']
      .flatMap((name) => [name, name.toUpperCase()])
      .map((name) => [name, trap.url]),
  );

type Seen = { host?: string; port?: number; name?: string; path?: string };
const seenIn = (file: string): Seen[] =>
  (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Seen);
const distinct = (texts: string[]): string[] => [...new Set(texts)].sort();
/** What was connected to, or sent to without a connection. */
const destinationsIn = (file: string): string[] =>
  distinct(
    seenIn(file).flatMap(({ host, port, name, path: local }) =>
      host !== undefined ? `${host}:${port}` : name !== undefined ? [] : (local ?? 'a datagram'),
    ),
  );
/** Names that were looked up; an address that stands for itself is none. */
const namesIn = (file: string): string[] =>
  distinct(seenIn(file).flatMap(({ name }) => (name === undefined || isIP(name) ? [] : name)));

async function prepareHooked(name: string, more: Record<string, string>) {
  const file = path.join(stack.folder, `${name}.egress`);
  const env = stack.environment({
    ...proxies(),
    ...{ EGRESS_LOG: file, NODE_OPTIONS: `--require ${HOOK}`, EXECUTOR_WORKFLOW_TYPE: '' },
    ...more,
  });
  if ('OPENAI_BASE_URL' in more) delete env['LLM_MODE'];
  const worker = spawnWorker(env, { file: path.join(stack.folder, `${name}.log`) });
  const watched = watchRemotes(worker.pid);
  await untilSaid(worker, 'RUNNING');
  const version = `v3.0.0-${name}`;
  const run = await releasePrep(
    ['prepare', '--service', SERVICE, '--version', version, '--json'],
    env,
  );
  const sockets = watched.stop();
  await worker.stop();
  return { run, destinations: destinationsIn(file), names: namesIn(file), sockets };
}

const placeOf = (url: string) => new URL(url).host;

it('contacts the configured addresses and no other, whatever the answers hold', async () => {
  const { url } = trap;
  stack.releaseSystem.setHosts(
    exampleHosts(SERVICE).map((host, index) => ({
      ...host,
      // Names and addresses of both kinds: none is to be looked up, and none to be connected to.
      host_ip: index % 2 === 0 ? trap.host : 'host-of-an-answer.example.com',
      labels: {
        ipv6: `http://[::1]:${trap.port}/`,
        name: 'http://label-of-an-answer.example.com/',
        metrics: `${url}/metrics`,
        callback: url,
        'meta-data': 'http://169.254.169.254/',
      },
    })),
  );
  const model = await serveModel(
    strictServer((call, response) =>
      answer(call, response, {
        risks: [
          {
            ...{ id: 'memory-leak', severity: 'critical', likelihood: 'high', evidence: [] },
            reason: `Ask http://reply-of-a-model.example.com/, read ${url}/more and fetch ${url}/image.png first.`,
          },
        ],
      }),
    ),
  );
  const byName = stack.prometheus.url.replace('127.0.0.1', 'localhost');
  const { run, destinations, names, sockets } = await prepareHooked('urls', {
    PROMETHEUS_URL: byName,
    OPENAI_BASE_URL: `${model.url}/v1`,
    OPENAI_API_KEY: 'key-of-the-model',
  });
  await model.stop();
  stack.releaseSystem.setHosts(exampleHosts(SERVICE));
  expect(run.code).toBe(0);
  expect(model.asked().length).toBeGreaterThan(0);
  const issue = JSON.parse(run.out) as Issue;
  expect(JSON.stringify(issue)).toContain(trap.host);
  const configured = [
    ...[stack.releaseSystem.url, byName, model.url].map(placeOf),
    stack.temporal.address,
  ].sort();
  expect(destinations).toEqual(configured);
  expect(names).toEqual(['localhost']);
  expect(sockets).toContain(stack.temporal.address);
  expect(sockets).toContain(placeOf(stack.releaseSystem.url));
  const { host, port } = new URL(byName);
  const resolved = configured.flatMap((place) =>
    place === host ? [`127.0.0.1:${port}`, `[::1]:${port}`] : place,
  );
  expect(sockets.filter((remote) => !resolved.includes(remote))).toEqual([]);
  expect(trap.caught()).toBe(0);
});

it.each([
  ['RELEASE_SYSTEM_URL', 4],
  ['PROMETHEUS_URL', 4],
  ['OPENAI_BASE_URL', 0],
  ['TOPOLOGY_URL', 0],
  ['ISSUE_STORE_URL', 4],
] as const)('follows no redirect of %s', async (variable, code) => {
  const redirecting = createServer((_request, response) =>
    response
      .writeHead(307, { location: `${trap.url}/elsewhere`, 'x-elastic-product': 'Elasticsearch' })
      .end(),
  );
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
  const { run, destinations, sockets } = await prepareHooked(variable.toLowerCase(), {
    [variable]: url,
    OPENAI_API_KEY: 'key-of-the-model',
    ELASTICSEARCH_API_KEY: 'key-of-elasticsearch',
  });
  redirecting.closeAllConnections();
  redirecting.close();
  expect(`${variable} ${run.code}`).toBe(`${variable} ${code}`);
  expect(destinations).toContain(placeOf(url));
  expect([...destinations, ...sockets].join()).not.toContain(trap.host);
  expect(trap.caught()).toBe(0);
});

it('would have seen it: the hook and the trap catch a connection that is made, and names that are looked up', async () => {
  const file = path.join(stack.folder, 'control.egress');
  const before = trap.caught();
  const script = `
    const dns = require('node:dns');
    dns.lookup('looked-up.invalid', () => undefined);
    new dns.promises.Resolver().resolve4('resolved.invalid').catch(() => undefined);
    fetch('${trap.url}/control').then((answer) => answer.text()).then(() => process.exit(0));`;
  await runToEnd(process.execPath, ['-e', script], {
    env: { NODE_OPTIONS: `--require ${HOOK}`, EGRESS_LOG: file },
  });
  expect(destinationsIn(file)).toContain(`${trap.host}:${trap.port}`);
  expect(namesIn(file)).toEqual(expect.arrayContaining(['looked-up.invalid', 'resolved.invalid']));
  expect(trap.caught()).toBe(before + 1);
});

it.each(['127.0.0.1', '::1'])(
  'would have seen it: sockets that no hook is told of, to %s',
  async (host) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as AddressInfo;
    const script = `const socket = require('node:net').connect(${port}, '${host}', () =>
    setTimeout(() => process.exit(0), 500));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    const watched = watchRemotes(child.pid ?? 0);
    await new Promise((resolve) => child.once('exit', resolve));
    expect(watched.stop()).toEqual([
      new URL(`http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`).host,
    ]);
    server.closeAllConnections();
    server.close();
  },
);
