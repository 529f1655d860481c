import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { WIRE_ATTACKS } from '../../fixtures/hostile/wire-attacks';

jest.setTimeout(300_000);

const CHILD = path.resolve(__dirname, '../../fixtures/processes/flooded-adapters.ts');
const READERS = ['hosts', 'names', 'model', 'search'] as const;

type Line = { ended: string; longestMs: number; rssMb: number };
const servers: Server[] = [];
/** What the host got to which answers redirect: nothing may come here. */
const strayed: string[] = [];
let lines: Map<string, Line>;

const listen = async (server: Server): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' ? `127.0.0.1:${address?.port}` : '';
};

beforeAll(async () => {
  const elsewhere = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (sent) => {
        strayed.push(sent.toString());
        socket.end();
      });
    }),
  );
  const reads: string[] = [];
  for (const attack of WIRE_ATTACKS) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => attack.send(socket, `http://${elsewhere}/`));
    });
    const host = await listen(server);
    reads.push(
      ...READERS.map(
        (reader) => `${reader}=http://${reader === 'model' ? '' : 'user:marker@'}${host}`,
      ),
    );
  }
  const args = ['--max-old-space-size=512', '--import', 'tsx', CHILD, ...reads];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const read = stdout.trim().split('\n');
  const names = WIRE_ATTACKS.flatMap(({ name }) => READERS.map((reader) => `${name}, ${reader}`));
  lines = new Map(read.map((line, i) => [names[i] ?? '', JSON.parse(line) as Line]));
});
afterAll(() => {
  for (const server of servers) server.close();
});

it.each(WIRE_ATTACKS.flatMap(({ name }) => READERS.map((reader) => `${name}, ${reader}`)))(
  'ends at once and says why: %s',
  (name) => {
    const line = lines.get(name);
    expect(line?.ended).toMatch(/^UpstreamError: /);
    expect(line?.ended).not.toContain('marker');
    expect(line?.longestMs).toBeLessThan(2_000);
    expect(line?.rssMb).toBeLessThan(768);
  },
);

it('follows no redirect, and sends its credentials to nobody', () => {
  expect(strayed).toEqual([]);
});
