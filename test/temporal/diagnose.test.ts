import { createServer as createHttp1 } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { unreachable } from '../../src/temporal/diagnose';

const open: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of open.splice(0))
    await new Promise<unknown>((resolve) => server.close(resolve));
});

async function at(server: Server): Promise<string | undefined> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  server.on(
    'connection',
    (socket: Socket) => void sockets.add(socket.on('error', () => undefined)),
  );
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return unreachable({ address, namespace: 'default', options: { address } });
}

it('says that a server accepts connections and never answers, within 3 s', async () => {
  const before = Date.now();
  expect(await at(createServer())).toMatch(/accepts connections and does not answer.*gRPC port/);
  expect(Date.now() - before).toBeGreaterThan(2_000);
  expect(Date.now() - before).toBeLessThan(4_500);
});

it('leaves a server that speaks HTTP/2 to the client', async () => {
  expect(await at(createHttp2() as unknown as Server)).toBeUndefined();
});

it.each([
  ['the Web UI', () => createHttp1()],
  ['something else', () => createServer((socket) => socket.end('SSH-2.0-x\r\n'))],
])('says at once that %s is not the gRPC port', async (_, create) => {
  const before = Date.now();
  expect(await at(create())).toMatch(/answers, but not by gRPC: .*TEMPORAL_ADDRESS/);
  expect(Date.now() - before).toBeLessThan(2_000);
});

it('does not take the time of a busy process for silence', async () => {
  const answer = at(createHttp2());
  await new Promise((resolve) => setTimeout(resolve, 10));
  const until = Date.now() + 2_500;
  while (Date.now() < until);
  expect(await answer).toBeUndefined();
});
