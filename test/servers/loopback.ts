import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Lets a test's server listen on a free loopback port; `stop` cuts what is still open. */
export async function onLoopback(
  server: Server,
): Promise<{ url: string; stop: () => Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
