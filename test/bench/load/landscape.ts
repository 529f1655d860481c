/** Everything that a load runs on, each part a process of its own: server, workers, upstreams and executor. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { startProcess, untilReady, type ServerProcess } from '../../../src/embedded/server-process';
import { startTemporalServer } from '../../../src/embedded/temporal-server';
import { startWorker } from '../../fixtures/processes/product-process';
import { serviceName } from './names';
import { descendantsOf } from './proc';
import { KNOWLEDGE_FOLDER } from '../../fixtures/knowledge';

export const TASK_QUEUE = 'release-prep';
const EXECUTOR_QUEUE = 'release-executor';
const START_LIMIT_MS = 60_000;

export type Role = 'server' | 'worker' | 'upstreams' | 'executor' | 'driver';
/** Which process does what, by the words of its command line. */
const ROLES: [words: RegExp, role: Role][] = [
  [/server start-dev/, 'server'],
  [/cli\.js worker/, 'worker'],
  [/load\/stand-ins/, 'upstreams'],
  [/load\/executor/, 'executor'],
];

export type Landscape = {
  client: Client;
  issueStoreUrl: string;
  processes: { pid: number; role: Role }[];
  stop(): Promise<void>;
};

export type Size = {
  services: number;
  workers: number;
  /** Of each answer of an upstream. */
  delayMs: number;
  historyHours: number;
  /** Temporal keeps its runs in memory; else in a database file, as a server does that is to survive. */
  inMemory?: boolean;
};

/** Starts it all; what was started ends when a later part fails to start. */
export async function startLandscape(size: Size): Promise<Landscape> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'release-prep-load-'));
  const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const upstreams = await startUpstreams(size);
    closers.push(() => upstreams.process.stop());
    const server = await startTemporalServer({
      ui: false,
      ...(!size.inMemory && { dbFilename: path.join(folder, 'temporal.db') }),
    });
    closers.push(() => server.stop());
    const executor = await startExecutor(server.address);
    closers.push(() => executor.stop());
    const issueStoreUrl = `file:${path.join(folder, 'issues')}`;
    const env = {
      ...upstreams.env,
      TEMPORAL_ADDRESS: server.address,
      TOPOLOGY_URL: `file:${await writeChains(folder, size.services)}`,
      ISSUE_STORE_URL: issueStoreUrl,
      KNOWLEDGE_DIR: KNOWLEDGE_FOLDER,
      LLM_MODE: 'off',
      LOG_LEVEL: 'INFO',
      // The sandbox's executor gets the issues.
      WORKER_ROLES: 'prepare',
    };
    for (let index = 0; index < size.workers; index += 1) {
      const worker = await startWorker(env);
      closers.push(() => worker.stop());
    }
    const connection = await Connection.connect({ address: server.address });
    closers.push(() => connection.close());
    return { client: new Client({ connection }), issueStoreUrl, processes: processes(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const ours = (file: string, env: Record<string, string>): ServerProcess =>
  startProcess(process.execPath, ['--import', 'tsx', path.join(__dirname, file)], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });

const Addresses = z.object({ releaseSystem: z.string(), prometheus: z.string() });

export async function startUpstreams({ services, delayMs, historyHours }: Omit<Size, 'workers'>) {
  const upstreams = ours('stand-ins.ts', {
    SERVICES: String(services),
    DELAY_MS: String(delayMs),
    HISTORY_HOURS: String(historyHours),
  });
  await untilReady(upstreams, async () => upstreams.output().includes('}'), START_LIMIT_MS);
  const { releaseSystem, prometheus } = Addresses.parse(JSON.parse(upstreams.output()));
  return {
    process: upstreams,
    env: { RELEASE_SYSTEM_URL: releaseSystem, PROMETHEUS_URL: prometheus },
  };
}

async function startExecutor(address: string): Promise<ServerProcess> {
  const executor = ours('executor.ts', { ADDRESS: address, TASK_QUEUE: EXECUTOR_QUEUE });
  await untilReady(executor, async () => executor.output().includes('READY'), START_LIMIT_MS);
  return executor;
}

/** One caller and two stores for each service, none shared. */
export async function writeChains(folder: string, services: number): Promise<string> {
  const edges = Array.from({ length: services }, (_, index) => {
    const service = serviceName(index);
    return [
      { caller: `gateway-of-${service}`, callee: service, calls: 600 },
      { caller: service, callee: `db-of-${service}-postgresql`, calls: 790, external: true },
      {
        caller: service,
        callee: `cache-of-${service}-redis`,
        calls: 800,
        errors: 2,
        external: true,
      },
    ];
  }).flat();
  const file = path.join(folder, 'chains.json');
  await writeFile(file, JSON.stringify({ edges }));
  return file;
}

function processes(): { pid: number; role: Role }[] {
  const found = descendantsOf(process.pid)
    .filter(({ command }) => !command.startsWith('sh '))
    .flatMap(({ pid, command }) => {
      const role = ROLES.find(([words]) => words.test(command))?.[1];
      return role === undefined ? [] : [{ pid, role }];
    });
  return [...found, { pid: process.pid, role: 'driver' }];
}
