import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes bytes on and counts what comes back: answers are sent in chunks, so no header tells their size. */
export async function startCountingProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let bytes = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    server.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
    client.pipe(server).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    bytes: () => bytes,
    stop: () => {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
    },
  };
}
