import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { WORKFLOW } from '../../../src/domain/names';
import { startTemporalServer } from '../../../src/embedded/temporal-server';
import { newFolder } from '../../adapters/model/fixture';
import { answer, isProbe, serveModel, strictServer } from '../../fixtures/servers/model';

jest.setTimeout(180_000);

const WORKER = path.resolve(__dirname, '../../fixtures/processes/model-worker.ts');
const risks = [
  {
    ...{ id: 'memory-leak', severity: 'critical', likelihood: 'high' },
    ...{ evidence: ['change:minor'], reason: 'So it was before.' },
  },
];

const children: ChildProcess[] = [];
afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

function startWorker(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const replied = new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => chunk.toString().includes('REPLIED') && resolve());
    child.once('exit', () => reject(new Error('the worker ended before the model replied')));
  });
  const gone = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_code, signal) => resolve(signal)),
  );
  return { child, replied, gone };
}

it('pays once when a worker is killed between the model’s reply and its report', async () => {
  const temporal = await startTemporalServer({ ui: false });
  const model = await serveModel(
    strictServer((call, response) => answer(call, response, { risks })),
  );
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const client = new Client({ connection });
    const env = {
      ...{ ADDRESS: temporal.address, TASK_QUEUE: `test-${randomUUID()}` },
      ...{ MODEL_URL: model.url, FOLDER: newFolder() },
    };
    const first = startWorker(env);
    const workflowId = `release-prep/user-service/${randomUUID()}`;
    const handle = await client.workflow.start(WORKFLOW.releasePrep, {
      ...{ taskQueue: env.TASK_QUEUE, workflowId },
      args: [{ service: 'user-service', version: 'v1.1.0' }],
    });
    await first.replied;
    first.child.kill('SIGKILL');
    expect(await first.gone).toBe('SIGKILL');
    expect(model.asked()).toHaveLength(1);

    const second = startWorker(env);
    second.gone.catch(() => undefined);
    await second.replied;
    await handle.result();
    expect(model.asked()).toHaveLength(1);
    expect(model.calls.filter(isProbe)).toHaveLength(1);
    expect(JSON.stringify(await handle.fetchHistory())).toContain('"attempt":2');
    const reasoning = await reasoningIn(handle);
    expect(reasoning).toMatchObject({ mode: 'model', tokens: 0, cached_calls: 1 });
    expect(reasoning).not.toHaveProperty('calls');
  } finally {
    await connection.close();
    await model.stop();
    await temporal.stop();
  }
});

/** The reasoning that the completed `predictRisks` reported. */
async function reasoningIn(handle: {
  fetchHistory(): Promise<{ events?: object[] | null }>;
}): Promise<unknown> {
  const { events } = await handle.fetchHistory();
  for (const event of events ?? []) {
    const { activityTaskCompletedEventAttributes: done } = event as {
      activityTaskCompletedEventAttributes?: {
        result?: { payloads?: { data?: Uint8Array }[] };
      } | null;
    };
    const text = Buffer.from(done?.result?.payloads?.[0]?.data ?? []).toString();
    if (text.includes('"cached_calls"')) {
      const outcome = JSON.parse(text) as { result: { details: { reasoning: unknown } } };
      return outcome.result.details.reasoning;
    }
  }
  return undefined;
}
