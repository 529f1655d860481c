import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE } from '../domain/names';
import { findTemporalCli, type OnProgress } from './temporal-cli';

/** The dev server polls 20 times a second on one history shard; this took a run from 350 ms to about 70 ms. */
const FAST_QUEUES = [
  'transferProcessorMaxPollRPS',
  'timerProcessorMaxPollRPS',
  'visibilityProcessorMaxPollRPS',
];
const START_LIMIT_MS = 30_000;

export type TemporalServer = {
  address: string;
  uiUrl: string | undefined;
  stop(): Promise<void>;
};

/** A Temporal dev server of its own on free loopback ports, with our search attributes; ends with this process. */
export async function startTemporalServer(options: {
  ui: boolean;
  onProgress?: OnProgress;
}): Promise<TemporalServer> {
  const program = await findTemporalCli(options.onProgress);
  const [port, uiPort] = [await freePort(), await freePort()];
  const child = spawn(program, argumentsOf(port, options.ui ? uiPort : undefined), {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: false,
  });
  let trouble = '';
  child.stderr?.on(
    'data',
    (chunk: Buffer) => (trouble = (trouble + chunk.toString()).slice(-2_000)),
  );
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const address = `127.0.0.1:${port}`;
  const stop = async () => {
    process.removeListener('exit', kill);
    await stopChild(child);
  };
  try {
    await untilReady(address, child);
    if (options.ui) await untilAnswers(`http://127.0.0.1:${uiPort}/api/v1/namespaces/default`);
  } catch (error) {
    await stop();
    throw new Error(
      `the Temporal server did not start: ${(error as Error).message} ${trouble}`.trim(),
      { cause: error },
    );
  }
  return { address, uiUrl: options.ui ? `http://127.0.0.1:${uiPort}` : undefined, stop };
}

function argumentsOf(port: number, uiPort: number | undefined): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    ...(uiPort === undefined
      ? ['--headless']
      : ['--ui-port', String(uiPort), '--ui-ip', '127.0.0.1']),
    '--log-level',
    'error',
    ...FAST_QUEUES.flatMap((name) => ['--dynamic-config-value', `history.${name}=2000`]),
    ...Object.values(SEARCH_ATTRIBUTE).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

async function untilReady(address: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** The UI's API answers 503 for a moment after the server is up. */
async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const ok = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await sleep(100);
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });
