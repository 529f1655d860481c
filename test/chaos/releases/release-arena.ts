import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { startReleaseSystem, type SandboxReleaseSystem } from '../../../sandbox/release-system';
import { createIssueStore, type IssueStore } from '../../../src/adapters/issue-store/issue-store';
import { deliver, type Executor } from '../../fixtures/releases/drive-release';
import { hostsOf, smallDraft } from '../../fixtures/releases/small-release';
import { startLoadPrometheus } from '../../fixtures/releases/small-world';
import { createChaosWorker } from '../chaos-worker';
import { startFaultProxy } from '../fault-proxy';
import type { Fault, Struck } from '../faults';
import { startGates } from '../gates';
import type { ChaosTemporal } from '../temporal';
import { startWireProxy } from '../wire-proxy';

const NEW = 'v1.1.0';

/** One worker of the product that carries releases out, with a proxy before everything that it talks to. */
export type ReleaseArena = Struck & {
  system: SandboxReleaseSystem;
  store: IssueStore;
  isBad: (service: string) => boolean;
  /** Records an issue and signals it to its executor. */
  release(service: string): Promise<Executor>;
  stop(): Promise<void>;
};

type Options = {
  temporal: ChaosTemporal;
  services: readonly string[];
  prepareFolder?: Fault['prepareFolder'];
  /** Of each batch, in seconds. */
  observation: number;
  /**
   * Whose version has a fault that shows in batch 2 and comes again after its repair: such a release goes through every
   * kind of action.
   */
  isBad: (service: string) => boolean;
};

export async function startReleaseArena({
  temporal,
  services,
  prepareFolder,
  observation,
  isBad,
}: Options): Promise<ReleaseArena> {
  const folder = await mkdtemp('/tmp/chaos-releases-');
  const data = path.join(folder, 'data');
  await mkdir(data);
  const restoreFolder = await prepareFolder?.(data);
  const hosts = services.flatMap((service) => hostsOf(service, { ownHosts: true }));
  const system = await startReleaseSystem({ hosts, pageSize: 50 });
  const load = await startLoadPrometheus((service) => {
    const released = system
      .hosts()
      .filter(({ services: [own] }) => own?.name === service && own.version === NEW);
    return isBad(service) && released.length >= 3 ? 50 : 5;
  });
  const [gates, wire, releaseSystem, prometheus] = await Promise.all([
    startGates(),
    startWireProxy(temporal.address),
    startFaultProxy(system.url),
    startFaultProxy(load.url),
  ]);
  const http = { releaseSystem, prometheus };
  const taskQueue = path.basename(folder);
  const storeFolder = path.join(data, 'issues');
  const store = createIssueStore({ url: `file:${storeFolder}`, index: '' });
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...{ RELEASE_SYSTEM_URL: releaseSystem.url, PROMETHEUS_URL: prometheus.url },
    ...{ TEMPORAL_ADDRESS: wire.address, CHAOS_GATES: gates.url },
    ...{ ISSUE_STORE_URL: `file:${storeFolder}`, EXECUTOR_TASK_QUEUE: taskQueue },
    ...{ WORKER_ROLES: 'prepare,execute', RELEASE_PREP_TASK_QUEUE: `${taskQueue}-prepare` },
  };
  const worker = createChaosWorker(env, gates);
  await worker.start();
  return {
    ...{ temporal, worker, gates, system, store, storeFolder, wire, isBad },
    async setHttp(mode, of = ['releaseSystem', 'prometheus']) {
      for (const one of of) if (one in http) await http[one as keyof typeof http].setMode(mode);
    },
    async release(service) {
      const draft = smallDraft(service, { ownHosts: true, observation });
      return deliver(temporal.client, await store.record(draft), taskQueue);
    },
    async stop() {
      await worker.stop();
      const all = [gates, wire, releaseSystem, prometheus, load, system];
      await Promise.all(all.map((one) => one.stop()));
      await restoreFolder?.();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
