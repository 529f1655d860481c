import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createElasticsearch } from '../../src/adapters/elasticsearch/elasticsearch';
import { createIssueStore, type IssueStore } from '../../src/adapters/issue-store/issue-store';
import { createReleasePrepClient, type ReleasePrepClient } from '../../src/client';
import { createChaosWorker, type ChaosWorker } from './chaos-worker';
import { startFaultProxy, type FaultProxy, type Mode } from './fault-proxy';
import { startGates, type Gates } from './gates';
import type { StoreKind } from './steps';
import { EXECUTOR_QUEUE, type ChaosTemporal } from './temporal';
import type { Upstreams } from './upstreams';
import { startWireProxy, type WireProxy } from './wire-proxy';

export type HttpUpstream = 'releaseSystem' | 'elasticsearch' | 'prometheus' | 'model';

/** One worker of the product, alone on its task queue, with a proxy before everything that it talks to. */
export type Arena = {
  name: string;
  taskQueue: string;
  folder: string;
  /** The folder of the file store. */
  storeFolder: string;
  index: string;
  temporal: ChaosTemporal;
  upstreams: Upstreams;
  client: ReleasePrepClient;
  store: IssueStore;
  gates: Gates;
  http: Record<HttpUpstream, FaultProxy>;
  wire: WireProxy;
  worker: ChaosWorker;
  /** Sets the mode of all HTTP upstreams, or of those named. */
  setHttp(mode: Mode, of?: HttpUpstream[]): Promise<void>;
  stop(): Promise<void>;
};

type Options = {
  name: string;
  store: StoreKind;
  temporal: ChaosTemporal;
  upstreams: Upstreams;
  /** Makes the folder of the file store and of the model's memory into what the fault needs. */
  prepareFolder?: (folder: string) => Promise<() => Promise<void>>;
};

export async function startArena(options: Options): Promise<Arena> {
  const { name, store: kind, temporal, upstreams } = options;
  const folder = await mkdtemp(path.join('/tmp', 'chaos-'));
  const data = path.join(folder, 'data');
  await mkdir(data);
  const restoreFolder = await options.prepareFolder?.(data);
  const gates = await startGates();
  const wire = await startWireProxy(temporal.address);
  const http = await proxiesOf(upstreams);
  const index = `issues-${path.basename(folder).toLowerCase()}`;
  const taskQueue = `chaos-${path.basename(folder)}`;
  const storeFolder = path.join(data, 'issues');
  const env = {
    ...environmentOf(http),
    TEMPORAL_ADDRESS: wire.address,
    CHAOS_GATES: gates.url,
    RELEASE_PREP_TASK_QUEUE: taskQueue,
    ISSUE_STORE_URL: kind === 'file' ? `file:${storeFolder}` : http.elasticsearch.url,
    ISSUE_INDEX: index,
    MODEL_CACHE_DIR: path.join(data, 'model'),
  };
  const worker = createChaosWorker(env, gates);
  await worker.start();
  const url = kind === 'file' ? `file:${storeFolder}` : upstreams.elasticsearch;
  const direct = kind === 'file' ? undefined : createElasticsearch({ url });
  return {
    ...{ name, taskQueue, folder, storeFolder, index, temporal, upstreams, gates, http, wire },
    worker,
    client: createReleasePrepClient({ client: temporal.client, taskQueue }),
    store: createIssueStore({ url, client: direct, index }),
    async setHttp(mode, of = Object.keys(http) as HttpUpstream[]) {
      await Promise.all(of.map((one) => http[one].setMode(mode)));
    },
    async stop() {
      await worker.stop();
      await Promise.all([gates, wire, ...Object.values(http)].map((one) => one.stop()));
      await direct?.close();
      await restoreFolder?.();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function proxiesOf(upstreams: Upstreams): Promise<Record<HttpUpstream, FaultProxy>> {
  const [releaseSystem, elasticsearch, prometheus, model] = await Promise.all([
    startFaultProxy(upstreams.releaseSystem),
    startFaultProxy(upstreams.elasticsearch),
    startFaultProxy(upstreams.prometheus),
    startFaultProxy(upstreams.model),
  ]);
  return { releaseSystem, elasticsearch, prometheus, model };
}

const environmentOf = (http: Record<HttpUpstream, FaultProxy>) => ({
  PATH: process.env['PATH'] ?? '',
  RELEASE_SYSTEM_URL: http.releaseSystem.url,
  PROMETHEUS_URL: http.prometheus.url,
  ELASTICSEARCH_URL: http.elasticsearch.url,
  TOPOLOGY_SCHEMA: 'otel',
  TOPOLOGY_INDEX_PREFIX: 'topo-',
  OPENAI_BASE_URL: `${http.model.url}/v1`,
  OPENAI_API_KEY: 'sk-chaos',
  // The sandbox's executor gets the issues.
  WORKER_ROLES: 'prepare',
  EXECUTOR_WORKFLOW_TYPE: 'ReleaseExecutorWorkflow',
  EXECUTOR_TASK_QUEUE: EXECUTOR_QUEUE,
});
