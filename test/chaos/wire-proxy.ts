import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** `cut` ends a connection in the middle of an answer, again and again; `stall` lets no byte through. */
export type WireMode = 'pass' | 'refuse' | 'cut' | 'stall';

export type WireProxy = {
  address: string;
  setMode(mode: WireMode): Promise<void>;
  stop(): Promise<void>;
};

/** So much of an answer still comes through: the head of a gRPC answer and a part of its message. */
const CUT_AFTER_BYTES = 200;

/** A proxy of bytes before Temporal, whose HTTP/2 the HTTP proxy does not speak. */
export async function startWireProxy(target: string): Promise<WireProxy> {
  const [host, port = ''] = target.split(':');
  let mode: WireMode = 'pass';
  const pairs = new Set<{ client: Socket; server: Socket }>();
  const proxy = createServer((client) => {
    const server = connect(Number(port), host);
    const pair = { client, server };
    pairs.add(pair);
    let answered = 0;
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (bytes: Buffer) => server.write(bytes));
    server.on('data', (bytes: Buffer) => {
      if (mode !== 'cut') return void client.write(bytes);
      answered += bytes.length;
      client.write(bytes.subarray(0, CUT_AFTER_BYTES));
      if (answered > CUT_AFTER_BYTES) setImmediate(end);
    });
    if (mode === 'stall') hold(pair);
  });
  const hold = ({ client, server }: { client: Socket; server: Socket }) => {
    client.pause();
    server.pause();
  };
  const listen = (on: number) =>
    new Promise<void>((resolve) => proxy.listen(on, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      proxy.close(() => resolve());
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
    });
  await listen(0);
  const own = (proxy.address() as AddressInfo).port;
  return {
    address: `127.0.0.1:${own}`,
    async setMode(next) {
      const was = mode;
      mode = next;
      if (next === 'stall') pairs.forEach(hold);
      if (was === 'stall')
        for (const { client, server } of pairs) {
          client.resume();
          server.resume();
        }
      if (next === 'refuse' && was !== 'refuse') await close();
      if (was === 'refuse' && next !== 'refuse') await listen(own);
    },
    stop: () => (mode === 'refuse' ? Promise.resolve() : close()),
  };
}
