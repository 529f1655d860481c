import { hideSecrets } from '../../src/adapters/redaction';
import { startHealthServer, type HealthServer, type WorkerHealth } from '../../src/worker/health';

let server: HealthServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const serve = async (health: Partial<WorkerHealth>): Promise<HealthServer> =>
  (server = await startHealthServer('127.0.0.1:0', {
    state: () => 'RUNNING',
    askTemporal: () => Promise.resolve(),
    about: { task_queue: 'release-prep', build_id: 'b1' },
    ...health,
  }));
const get = async (path: string, method = 'GET') => {
  const response = await fetch(`${server?.url}${path}`, { method });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

it('is ready while it polls and Temporal answers, and says what it works on', async () => {
  await serve({});
  expect(await get('/readyz')).toEqual({
    status: 200,
    body: {
      ...{ status: 'ok', worker: 'RUNNING', draining: false, temporal: { reachable: true } },
      ...{ task_queue: 'release-prep', build_id: 'b1' },
    },
  });
  expect((await get('/livez')).status).toBe(200);
});

it.each([
  ['STARTING', false],
  ['STOPPING', true],
  ['DRAINING', true],
])('is alive and not ready while it is %s', async (state, draining) => {
  await serve({ state: () => state });
  expect(await get('/readyz')).toMatchObject({ status: 503, body: { worker: state, draining } });
  expect((await get('/livez')).status).toBe(200);
});

it('is alive and not ready while Temporal does not answer, and says why', async () => {
  await serve({ askTemporal: () => Promise.reject(new Error('14 UNAVAILABLE')) });
  expect(await get('/readyz')).toMatchObject({
    status: 503,
    body: { status: 'unavailable', temporal: { reachable: false, error: '14 UNAVAILABLE' } },
  });
  expect((await get('/livez')).status).toBe(200);
});

it('says nothing of a credential that Temporal quotes', async () => {
  hideSecrets(['canary-of-temporal']);
  await serve({ askTemporal: () => Promise.reject(new Error('refused: canary-of-temporal')) });
  const { body } = await get('/readyz');
  expect(body).toMatchObject({ temporal: { error: 'refused: [redacted]' } });
});

it('is not alive when the worker failed', async () => {
  await serve({ state: () => 'FAILED' });
  expect((await get('/livez')).status).toBe(503);
});

it('asks Temporal once for many probes', async () => {
  let asked = 0;
  await serve({
    askTemporal: async () => {
      asked += 1;
    },
  });
  await Promise.all(Array.from({ length: 20 }, () => get('/readyz')));
  expect(asked).toBe(1);
});

it('answers nothing else', async () => {
  await serve({});
  expect((await get('/')).status).toBe(404);
  expect((await get('/readyz', 'POST')).status).toBe(405);
});

it('fails the start when the address is taken', async () => {
  await serve({});
  const address = server?.url.replace('http://', '') ?? '';
  await expect(
    startHealthServer(address, { state: () => '', askTemporal: async () => undefined, about: {} }),
  ).rejects.toThrow(/HEALTH_ADDRESS: .*EADDRINUSE/);
});
