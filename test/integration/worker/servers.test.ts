import { spawn } from 'node:child_process';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE } from '../../../src/domain/names';
import { startProcess, untilReady } from '../../../src/embedded/server-process';
import { startTemporalServer } from '../../../src/embedded/temporal-server';
import { seePage } from '../../fixtures/servers/chromium';
import { startElasticsearch } from '../../fixtures/servers/elasticsearch';
import { startPrometheus } from '../../fixtures/servers/prometheus';
import { waitUntil } from '../../fixtures/wait';

/** The first start may have to obtain the server. */
jest.setTimeout(600_000);

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    () => false,
  );
const json = async <Body>(url: string): Promise<Body> => (await fetch(url)).json() as Promise<Body>;

it.each(['8.19.9', '9.5.3'] as const)(
  'Elasticsearch %s starts, finds what it was given, and stops',
  async (version) => {
    const server = await startElasticsearch(version);
    try {
      await fetch(`${server.url}/things/_doc/1?refresh=true`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'checkout' }),
      });
      expect(await json(`${server.url}/things/_search?q=name:checkout`)).toMatchObject({
        hits: { total: { value: 1 } },
      });
      const { nodes } = await json<{ nodes: object }>(`${server.url}/_nodes/_local`);
      expect(Object.values(nodes)).toEqual([expect.objectContaining({ version })]);
    } finally {
      await server.stop();
    }
    expect(await answers(`${server.url}/_cluster/health`)).toBe(false);
  },
);

it('Prometheus starts with a day of history that ends now, and stops', async () => {
  const server = await startPrometheus();
  try {
    const range = new URLSearchParams({
      query: 'sum(rate(http_requests_total{service="checkout-api"}[5m]))',
      start: String(server.end - 86_000),
      end: String(server.end),
      step: '600',
    });
    const { data } = await json<{ data: { result: { values: [number, string][] }[] } }>(
      `${server.url}/api/v1/query_range?${range.toString()}`,
    );
    const values = (data.result[0]?.values ?? []).map(([, value]) => Number(value));
    expect(values.length).toBeGreaterThan(140);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    // The set was drawn at 20.97 requests a second.
    expect(mean).toBeGreaterThan(20.5);
    expect(mean).toBeLessThan(21.5);
    expect(Date.now() / 1000 - server.end).toBeLessThan(300);
  } finally {
    await server.stop();
  }
  expect(await answers(`${server.url}/-/ready`)).toBe(false);
});

it('Temporal starts with our search attributes and a Web UI that a browser renders, and stops', async () => {
  const server = await startTemporalServer({ ui: true });
  try {
    const connection = await Connection.connect({ address: server.address });
    const known = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    await connection.close();
    expect(Object.keys(known.customAttributes)).toEqual(
      expect.arrayContaining(Object.values(SEARCH_ATTRIBUTE)),
    );
    const page = await seePage(`${server.uiUrl}/namespaces/default/workflows`);
    expect(page).toContain('Workflows');
    expect(page).toContain('default');
  } finally {
    await server.stop();
  }
  expect(await answers(`${server.uiUrl}/`)).toBe(false);
});

it('a server that ends at once is an error with its last words', async () => {
  const server = startProcess('sh', ['-c', 'echo no such database >&2; exit 3']);
  await expect(untilReady(server, () => Promise.resolve(false), 10_000)).rejects.toThrow(
    /did not start: it exited with code 3\nno such database/,
  );
  const absent = startProcess('no-such-program-here', []);
  await expect(untilReady(absent, () => Promise.resolve(false), 10_000)).rejects.toThrow(
    /exited with code 127/,
  );
});

it.each(['SIGTERM', 'SIGKILL', 'SIGINT'] as const)(
  'a server does not outlive a parent that dies of %s',
  async (signal) => {
    const module = path.resolve(__dirname, '../../../dist/src/embedded/server-process.js');
    const script = `
      const { startProcess } = require(${JSON.stringify(module)});
      const server = startProcess('sh', ['-c', 'echo pid=$$; exec sleep 600']);
      setInterval(() => process.stdout.write(server.output() + '\\n'), 50);`;
    const parent = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      let words = '';
      parent.stdout.on('data', (chunk: Buffer) => {
        const found = /pid=(\d+)/.exec((words += chunk.toString()));
        if (found) resolve(Number(found[1]));
      });
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    await waitUntil(() => !isAlive(pid), Boolean, { timeoutMs: 5_000 });
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
