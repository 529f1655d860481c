import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE } from '../domain/names';
import { answersHttp, freePort, startProcess, untilReady } from './server-process';
import { findTemporalCli, type OnProgress } from './temporal-cli';

/** The dev server polls 20 times a second on one history shard; this took a run from 350 ms to about 70 ms. */
const FAST_QUEUES = [
  'transferProcessorMaxPollRPS',
  'timerProcessorMaxPollRPS',
  'visibilityProcessorMaxPollRPS',
];
/** The next activity comes with the answer to the workflow task, not through a queue: about 40 ms less a preparation. */
const EAGER_ACTIVITIES = 'system.enableActivityEagerExecution=true';
const START_LIMIT_MS = 30_000;

export type TemporalServer = {
  address: string;
  uiUrl: string | undefined;
  stop(): Promise<void>;
};

/** A Temporal dev server of its own on free loopback ports, with our search attributes; ends with this process. */
export async function startTemporalServer(options: {
  ui: boolean;
  /** Keeps runs over a stop and start; in memory without it. */
  dbFilename?: string;
  /** Port for a server that restarts, so that clients find it again; a free port by default. */
  port?: number;
  /** Where the Web UI has payloads decoded (`release-prep codec`). */
  codecEndpoint?: string;
  /** Dynamic configuration of the server, as its CLI takes it. */
  settings?: Readonly<Record<string, string | number>>;
  onProgress?: OnProgress;
}): Promise<TemporalServer> {
  const program = await findTemporalCli(options.onProgress);
  const port = options.port ?? (await freePort());
  const uiPort = options.ui ? await freePort() : undefined;
  const server = startProcess(program, argumentsOf(port, uiPort, options));
  const address = `127.0.0.1:${port}`;
  const uiUrl = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
  await untilReady(server, () => namespaceAnswers(address), START_LIMIT_MS);
  // The UI's API answers 503 for a moment after the server is up.
  if (uiUrl !== undefined) {
    const api = `${uiUrl}/api/v1/namespaces/default`;
    await untilReady(server, () => answersHttp(api), START_LIMIT_MS);
  }
  return { address, uiUrl, stop: () => server.stop() };
}

function argumentsOf(
  port: number,
  uiPort: number | undefined,
  {
    dbFilename,
    codecEndpoint,
    settings = {},
  }: {
    dbFilename?: string;
    codecEndpoint?: string;
    settings?: Readonly<Record<string, string | number>>;
  },
): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename]),
    ...(codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', codecEndpoint]),
    '--log-level',
    'error',
    ...FAST_QUEUES.flatMap((name) => ['--dynamic-config-value', `history.${name}=2000`]),
    '--dynamic-config-value',
    EAGER_ACTIVITIES,
    ...Object.entries(settings).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${JSON.stringify(value)}`,
    ]),
    ...Object.values(SEARCH_ATTRIBUTE).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

async function namespaceAnswers(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return true;
  } finally {
    await connection.close();
  }
}
