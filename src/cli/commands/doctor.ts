import { createPrometheus } from '../../adapters/prometheus/prometheus';
import { redact } from '../../adapters/redaction';
import { plainText } from '../../adapters/terminal/printable';
import { createReleaseSystem } from '../../adapters/release-system/release-system';
import { loadKnowledge } from '../../adapters/knowledge/knowledge';
import { modelOf } from '../../bootstrap/create-deps';
import { connect } from '../../client';
import {
  knowledgeSourceOf,
  loadConfig,
  loadTemporalAccess,
  prometheusAccessOf,
  type Config,
} from '../../config/config';
import { encryptionKeysOf } from '../../config/encryption';
import { formatDuration } from '../../steps/text/format-duration';
import { howReached } from '../../temporal/connect-client';
import { lookAtChain, lookAtIssues } from './doctor-elasticsearch';
import { CommandError, EXIT, errorText } from '../exit-codes';
import { print } from '../print';
import { PROGRAM } from '../invocation';
import { terminalView } from '../render/layout/terminal-view';
import { wrapProse } from '../render/layout/wrap-prose';
import { knowledgeNames } from './knowledge';
import { missingWorker, registerSearchAttributes } from '../check-readiness';
import { z } from 'zod';

type Check = { name: string; needed: boolean; look: () => Promise<string> };

/** `release-prep doctor`: one line per upstream; fails if an upstream that a preparation needs is not available. */
export async function doctor(): Promise<void> {
  let broken = 0;
  for (const { name, needed, look } of checksOf(loadConfig())) {
    try {
      printWrapped(`ok      ${name}: ${plainText(await look())}`);
    } catch (error) {
      if (needed) broken += 1;
      printWrapped(redact(`${needed ? 'missing' : 'without'} ${name}: ${errorText(error)}`));
    }
  }
  if (broken > 0)
    throw new CommandError(
      EXIT.failed,
      `a preparation cannot run: fix the ${broken === 1 ? 'line' : `${broken} lines`} marked "missing"`,
    );
}

/** The mark takes so many columns; further lines begin below the name. */
const INDENT = 8;

/** Commands to run stand on lines of their own, indented. */
function printWrapped(text: string): void {
  const [first = '', ...commands] = text.split('\n');
  const mark = first.slice(0, INDENT);
  const { width } = terminalView();
  const lines = wrapProse(first.slice(INDENT), width - INDENT);
  print(
    [
      `${mark}${lines.join(`\n${' '.repeat(INDENT)}`)}`,
      ...commands.map((line) => `${' '.repeat(INDENT)}${line}`),
    ].join('\n'),
  );
}

/** Any name is fine: this only checks whether the system answers. */
const NOBODY = 'release-prep-doctor';

function checksOf(config: Config): Check[] {
  const needs = (name: string, value: string | undefined): string => {
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  };
  return [
    { name: 'Temporal', needed: true, look: () => lookAtTemporal(config) },
    { name: 'worker', needed: true, look: () => lookAtWorker(config) },
    {
      name: 'release system',
      needed: true,
      look: async () => {
        const url = needs('RELEASE_SYSTEM_URL', config.RELEASE_SYSTEM_URL);
        await createReleaseSystem({ url, token: config.RELEASE_SYSTEM_TOKEN }).hostsOf(NOBODY);
        return 'reachable and authorised';
      },
    },
    {
      name: 'Prometheus',
      needed: true,
      look: async () => {
        const url = needs('PROMETHEUS_URL', config.PROMETHEUS_URL);
        const prometheus = createPrometheus({ ...prometheusAccessOf(config), url });
        const { data } = await prometheus.metricNames([]);
        const version = await prometheus.buildInfo().then(
          (info) => info.version,
          () => 'of unknown version',
        );
        const clock = await prometheus.clock().then(clockFault, () => '');
        return `${version}, ${data.length} metric names${clock}`;
      },
    },
    {
      name: 'service chain',
      needed: false,
      look: () => lookAtChain(config),
    },
    {
      name: 'issue store',
      needed: true,
      look: () => lookAtIssues(config),
    },
    {
      name: 'model',
      needed: false,
      look: async () => {
        const model = modelOf(config);
        if (model === undefined)
          throw new Error('none configured: the knowledge base alone decides');
        const schema = z.strictObject({ ok: z.boolean() });
        const reply = await model.ask({
          name: 'doctor',
          schema,
          system: 'Answer {"ok": true}.',
          user: 'Are you there?',
        });
        return reply.kind === 'answer'
          ? reply.model
          : `${reply.model} answers, but not to the schema: ${reply.reason}`;
      },
    },
    {
      name: 'knowledge base',
      needed: true,
      look: async () => {
        const loaded = await loadKnowledge(knowledgeSourceOf(config));
        if (!loaded.ok)
          throw new Error(`${loaded.errors.length} errors; run: ${PROGRAM} knowledge check`);
        return `${knowledgeNames(config)}, ${loaded.knowledge.risks.length} risks`;
      },
    },
  ];
}

/** Rules look back a few minutes from the worker's clock. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;

function clockFault(serverMs: number): string {
  const ahead = Date.now() - serverMs;
  if (!(Math.abs(ahead) > MAX_CLOCK_DIFFERENCE_MS)) return '';
  const [much, where] = [formatDuration(Math.abs(ahead) / 1000), ahead > 0 ? 'behind' : 'ahead of'];
  return `; its clock is ${much} ${where} the clock of this machine: correct them, or rules find no data`;
}

async function lookAtTemporal(config: Config): Promise<string> {
  const access = loadTemporalAccess();
  const { client, connection, close } = await connect(undefined, access);
  try {
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    const { namespace } = access;
    await client.workflowService.describeNamespace({ namespace }).catch((error: Error) => {
      throw new Error(`${access.address}: namespace ${namespace}: ${error.message}`);
    });
    await registerSearchAttributes(connection, namespace);
    const keys = encryptionKeysOf(config).map(({ id }) => id);
    const payloads = keys.length > 0 ? `encrypted with key ${keys[0]}` : 'not encrypted';
    return `server ${serverVersion} at ${access.address}, ${howReached(access)}, namespace ${namespace}; payloads ${payloads}`;
  } finally {
    await close();
  }
}

async function lookAtWorker({ RELEASE_PREP_TASK_QUEUE: taskQueue }: Config): Promise<string> {
  const { client, close } = await connect();
  try {
    const missing = await missingWorker(client, taskQueue);
    if (missing !== undefined) throw new Error(missing);
    return `polls task queue ${taskQueue}`;
  } finally {
    await close();
  }
}
