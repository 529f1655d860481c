import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { z } from 'zod';
import { startReleaseSystem } from '../../../sandbox/release-system';
import { parseConfig } from '../../config/config';
import { Host } from '../../domain/host';
import { WORKFLOW, workflowIdOf } from '../../domain/names';
import { BUNDLE, bundleAt } from '../../temporal/workflow-bundle';
import { runPage, startEmbedded, type Embedded } from '../start-embedded';
import { tell } from '../print';
import { PROGRAM } from '../invocation';
import type { PrometheusChoice } from '../choices';
import { startDemoPrometheus } from './demo-prometheus';
import { prepareWith } from './prepare';

/** The package's own folder: `dist/` when built. */
const ROOT = path.resolve(BUNDLE.releasePrep, '../..');
const SERVICE = 'user-service';
const VERSION = 'v1.1.0';
const STAY_LINE =
  process.env['npm_lifecycle_event'] === 'demo'
    ? 'npm run demo -- --stay'
    : `${PROGRAM} demo --stay`;

/** `release-prep demo`: everything embedded, sandbox upstreams, one preparation; nothing of it outlives the command. */
export async function demo(options: {
  json?: boolean;
  stay?: boolean;
  prometheus?: PrometheusChoice;
  lang?: string;
}): Promise<void> {
  const began = Date.now();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'release-prep-demo-'));
  // eslint-disable-next-line no-restricted-syntax -- a file of this package
  const content: unknown = JSON.parse(
    await readFile(path.join(ROOT, 'sandbox/data/hosts.json'), 'utf8'),
  );
  const { hosts } = z.object({ hosts: z.array(Host) }).parse(content);
  const releaseSystem = await startReleaseSystem({ hosts });
  const prometheus = await startDemoPrometheus(options.prometheus ?? 'auto');
  tell(prometheus.says);
  let embedded: Embedded | undefined;
  try {
    const upstreams = {
      RELEASE_SYSTEM_URL: releaseSystem.url,
      PROMETHEUS_URL: prometheus.url,
      TOPOLOGY_URL: `file:${encodeURIComponent(path.join(ROOT, 'sandbox/data/chain.json'))}`,
      ISSUE_STORE_URL: `file:${encodeURIComponent(path.join(folder, 'issues'))}`,
    };
    const config = parseConfig({
      ...upstreams,
      EXECUTOR_WORKFLOW_TYPE: WORKFLOW.releaseExecutor,
      LLM_MODE: 'off',
      LOG_LEVEL: 'ERROR',
    });
    embedded = await startEmbedded(config, { ui: true });
    embedded.run(await executorWorker(embedded, config.EXECUTOR_TASK_QUEUE));
    const ready = Date.now();
    const request = { service: SERVICE, version: VERSION };
    const issue = await prepareWith(embedded.client, config.RELEASE_PREP_TASK_QUEUE, request, {
      ...options,
      ...(!options.stay && { more: STAY_LINE }),
    });
    tell(
      `servers and worker up in ${seconds(ready - began)}, prepared in ${seconds(Date.now() - ready)}`,
    );
    if (embedded.uiUrl !== undefined && issue !== undefined) {
      const run = await embedded.client.workflow
        .getHandle(workflowIdOf(SERVICE, VERSION))
        .describe();
      tell(`Web UI: ${runPage(embedded.uiUrl, run.workflowId, run.runId)}`);
    }
    if (options.stay) await stay({ ...upstreams, TEMPORAL_ADDRESS: embedded.address });
    else tell(`The servers stop now. To keep them and the Web UI: ${STAY_LINE}`);
  } finally {
    await embedded?.stop();
    await prometheus.stop();
    await releaseSystem.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The sandbox executor that receives the issue. */
const executorWorker = ({ native }: Embedded, taskQueue: string): Promise<Worker> =>
  Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: bundleAt(BUNDLE.sandboxExecutor),
  });

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** How other commands reach the demo's servers, then nothing until Ctrl-C. */
function stay(environment: Record<string, string>): Promise<void> {
  tell(
    [
      'To use other commands on these servers, in another terminal:',
      ...Object.entries(environment).map(([name, value]) => `  export ${name}='${value}'`),
      `  ${PROGRAM} show ${SERVICE} ${VERSION}`,
      `  ${PROGRAM} status ${SERVICE} ${VERSION}`,
      'The servers run until you press Ctrl-C.',
    ].join('\n'),
  );
  return new Promise((resolve) =>
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()),
  );
}
