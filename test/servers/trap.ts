import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';

/** An address of loopback that nothing of ours is configured with: whoever connects followed what it had read. */
const TRAP_HOST = '127.0.0.9';

export type Trap = {
  host: string;
  port: number;
  url: string;
  caught: () => number;
  stop(): Promise<void>;
};

/** Listens on a port of its own and on 80 where it may, and counts who comes. */
export async function startTrap(): Promise<Trap> {
  let caught = 0;
  const servers: Server[] = [];
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer((socket) => {
        caught += 1;
        // Unread, it would never end.
        socket.on('error', () => undefined).resume();
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
      });
      server.once('error', reject);
      server.listen(port, TRAP_HOST, () => resolve((server.address() as AddressInfo).port));
      servers.push(server);
    });
  const port = await listen(0);
  await listen(80).catch(() => undefined);
  return {
    ...{ host: TRAP_HOST, port, url: `http://${TRAP_HOST}:${port}` },
    caught: () => caught,
    async stop() {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
