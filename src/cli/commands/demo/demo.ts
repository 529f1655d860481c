import os from 'node:os';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import type { FaultKind } from '../../../../sandbox/faults';
import { parseConfig, type Config } from '../../../config/config';
import { WORKFLOW, workflowIdOf } from '../../../domain/names';
import { temporaryFolder } from '../../../embedded/temporary-folder';
import { BUNDLE, bundleAt } from '../../../temporal/workflow-bundle';
import type { PrometheusChoice } from '../../choices';
import { usage } from '../../exit-codes';
import { followRelease, mustHaveCompleted } from '../../follow-release';
import { PROGRAM } from '../../invocation';
import { printJson, tell } from '../../print';
import { runPage, startEmbedded, type Embedded } from '../../start-embedded';
import { prepareWith } from '../prepare';
import { startSandbox } from './demo-sandbox';
import { REQUESTS_A_SECOND, withShortTimes } from './short-times';

const SERVICE = 'user-service';
const VERSION = 'v1.1.0';

export type DemoOptions = {
  json?: boolean;
  stay?: boolean;
  prometheus?: PrometheusChoice;
  lang?: string;
  execute?: boolean;
  fault?: FaultKind;
};

/** `release-prep demo`: everything embedded, sandbox upstreams, one preparation; nothing of it outlives the command. */
export async function demo(options: DemoOptions): Promise<void> {
  if (options.fault !== undefined && !options.execute)
    throw usage('--fault: a fault shows in a release; give --execute too');
  const began = Date.now();
  const { folder, remove } = await temporaryFolder(path.join(os.tmpdir(), 'release-prep-demo-'));
  const sandbox = await startSandbox(VERSION, options, folder);
  tell(sandbox.says);
  let embedded: Embedded | undefined;
  try {
    const config = parseConfig({
      ...sandbox.upstreams,
      EXECUTOR_WORKFLOW_TYPE: WORKFLOW.releaseExecutor,
      LLM_MODE: 'off',
      LOG_LEVEL: 'ERROR',
    });
    embedded = await startDemoServer(config, options);
    const ready = Date.now();
    const request = { service: SERVICE, version: VERSION };
    const issue = await prepareWith(embedded.client, config.RELEASE_PREP_TASK_QUEUE, request, {
      ...options,
      embedded: true,
      quiet: options.execute && options.json,
      ...(!options.stay && { more: stayLine(options) }),
    });
    tell(
      `servers and worker up in ${seconds(ready - began)}, prepared in ${seconds(Date.now() - ready)}`,
    );
    if (issue === undefined) return;
    await tellPage(embedded, workflowIdOf(SERVICE, VERSION));
    const outcome = options.execute
      ? await followRelease(embedded.client, config, issue, options)
      : undefined;
    if (options.json && outcome !== undefined) printJson({ issue, outcome });
    if (options.stay)
      await stay({ ...sandbox.upstreams, TEMPORAL_ADDRESS: embedded.address }, options);
    else tell(`The servers stop now. To keep them and the Web UI: ${stayLine(options)}`);
    if (outcome !== undefined) mustHaveCompleted(outcome);
  } finally {
    await embedded?.stop();
    await sandbox.stop();
    await remove();
  }
}

/** With `--execute` the reference executor carries the release out; without, a stand-in takes the issue. */
async function startDemoServer(config: Config, { execute }: DemoOptions): Promise<Embedded> {
  if (!execute) {
    const embedded = await startEmbedded(config, { ui: true });
    embedded.run(await executorStandIn(embedded, config.EXECUTOR_TASK_QUEUE));
    return embedded;
  }
  tell(
    `So that the release takes about a minute, rules look back 6 s instead of 5 min, batches are observed for 10 s ` +
      `instead of up to 1 h, and each host gets ${REQUESTS_A_SECOND.toLocaleString('en')} requests a second.`,
  );
  return startEmbedded(config, {
    ...{ ui: true, execute: true },
    adapt: (upstreams) => ({ ...upstreams, knowledge: withShortTimes(upstreams.knowledge) }),
  });
}

const executorStandIn = ({ native }: Embedded, taskQueue: string): Promise<Worker> =>
  Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: bundleAt(BUNDLE.sandboxExecutor),
  });

async function tellPage({ client, uiUrl }: Embedded, workflowId: string): Promise<void> {
  if (uiUrl === undefined) return;
  const run = await client.workflow.getHandle(workflowId).describe();
  tell(`Web UI: ${runPage(uiUrl, run.workflowId, run.runId)}`);
}

function stayLine({ execute, fault }: DemoOptions): string {
  const given = [...(execute ? ['--execute'] : []), ...(fault ? [`--fault ${fault}`] : [])];
  const options = ['--stay', ...given].join(' ');
  return process.env['npm_lifecycle_event'] === 'demo'
    ? `npm run demo -- ${options}`
    : `${PROGRAM} demo ${options}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** How other commands reach the demo's servers, then nothing until Ctrl-C. */
function stay(environment: Record<string, string>, { execute }: DemoOptions): Promise<void> {
  tell(
    [
      'To use other commands on these servers, in another terminal:',
      ...Object.entries(environment).map(([name, value]) => `  export ${name}='${value}'`),
      `  ${PROGRAM} show ${SERVICE} ${VERSION}`,
      `  ${PROGRAM} status ${SERVICE} ${VERSION}`,
      ...(execute ? [`  ${PROGRAM} rollout status ${SERVICE} ${VERSION}`] : []),
      'The servers run until you press Ctrl-C.',
    ].join('\n'),
  );
  return new Promise((resolve) =>
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()),
  );
}
