import { randomUUID } from 'node:crypto';
import { Runtime } from '@temporalio/worker';
import { workflowIdOf } from '../../src/domain/names';
import type { Issue } from '../../src/domain/issue';
import { PASS, startFaultProxy, type FaultProxy } from '../chaos/fault-proxy';
import { startWorker } from '../fixtures/processes/product-process';
import { QUIET, startSmallStack, type SmallStack } from '../fixtures/stacks/small-stack';
import { releasePrep } from '../fixtures/stacks/stack';
import { waitUntil } from '../fixtures/wait';

jest.setTimeout(120_000);

const SERVICE = 'user-service';

let stack: SmallStack;
let prometheus: FaultProxy;
beforeAll(async () => {
  Runtime.install(QUIET);
  stack = await startSmallStack({ service: SERVICE });
  prometheus = await startFaultProxy(stack.prometheus.url);
}, 400_000);
afterAll(async () => {
  await prometheus?.stop();
  await stack?.stop();
});

/** A built worker and the sandbox's executor, with a Prometheus that refuses this worker until it is mended. */
async function withBrokenPrometheus(
  body: (run: { env: Record<string, string>; version: string }) => Promise<void>,
): Promise<void> {
  await prometheus.setMode({ kind: 'answer', status: 401 });
  const env = stack.environment({ PROMETHEUS_URL: prometheus.url });
  const worker = await startWorker(env);
  try {
    await stack.withExecutor(env, undefined, () =>
      body({ env, version: `v2-${randomUUID().slice(0, 8)}` }),
    );
  } finally {
    await worker.stop();
  }
}
const mend = () => prometheus.setMode(PASS);

/** How often each activity was done in the newest run, what it took over from the one before included. */
async function doneIn(version: string): Promise<Record<string, number>> {
  const handle = stack.client().workflow.getHandle(workflowIdOf(SERVICE, version));
  const { events } = await handle.fetchHistory();
  const names = new Map<string, string>();
  const done: Record<string, number> = {};
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const completed = event.activityTaskCompletedEventAttributes;
    if (!completed) continue;
    const name = names.get(String(completed.scheduledEventId)) ?? '';
    done[name] = (done[name] ?? 0) + 1;
  }
  return done;
}

const statusWith = async (env: Record<string, string>, version: string, text: string) => {
  const status = async () => (await releasePrep(['status', SERVICE, version], env)).out;
  return waitUntil(status, (out) => out.includes(text), { everyMs: 300, timeoutMs: 120_000 });
};

it('a failed run names its cause and the command that goes on; resume does what failed, and no more', async () => {
  await withBrokenPrometheus(async ({ env, version }) => {
    const resumeLine = `release-prep resume '${SERVICE}' '${version}'`;
    const prepare = ['prepare', '--service', SERVICE, '--version', version, '--json'];
    const first = await releasePrep(prepare, env);
    expect(first).toMatchObject({ code: 4, out: '' });
    expect(first.err).toContain('failed (PrometheusUnavailable)');
    expect(first.err).toContain(resumeLine);
    const status = await releasePrep(['status', SERVICE, version], env);
    expect(status).toMatchObject({ code: 0 });
    expect(status.out).toContain('FAILED, failed');
    expect(status.out).toContain('PrometheusUnavailable');
    expect(status.out).toContain(resumeLine);

    await mend();
    const resumed = await releasePrep(['resume', SERVICE, version, '--json'], env);
    expect(resumed.code).toBe(0);
    const issue = JSON.parse(resumed.out) as Issue;
    expect(issue).toMatchObject({ service: SERVICE, candidate: version });
    expect(await doneIn(version)).toMatchObject({
      ...{ verifyVersion: 1, traceServiceChain: 1, predictRisks: 1, planGrayStrategy: 1 },
      ...{ shortlistMetrics: 1, recordIssue: 1, deliverIssue: 1 },
    });

    // Asked twice, the answer is the same issue, and nothing is done again.
    const again = await releasePrep(['resume', SERVICE, version, '--json'], env);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toEqual(issue);
    expect((await doneIn(version))['recordIssue']).toBe(1);
  });
});

it('with --on-failure wait a run stays, visible, until it is retried, and whoever waits gets the issue', async () => {
  await withBrokenPrometheus(async ({ env, version }) => {
    const prepare = ['prepare', '--service', SERVICE, '--version', version, '--json'];
    const waiting = releasePrep([...prepare, '--on-failure', 'wait'], env);
    const status = await statusWith(env, version, 'waits until');
    expect(status).toContain('RUNNING, waiting');
    expect(status).toMatch(/shortlistMetrics failed \(PrometheusUnavailable\)/);
    expect(status).toContain(`release-prep retry '${SERVICE}' '${version}'`);

    const wrong = await releasePrep(['retry', SERVICE, version, '--step', 'planHolidays'], env);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('planHolidays does not wait for a retry; what failed:');

    await mend();
    const retried = await releasePrep(['retry', SERVICE, version, '--json'], env);
    expect(retried.code).toBe(0);
    expect(retried.err).toContain('retried: shortlistMetrics');
    const { code, out, err } = await waiting;
    expect(code).toBe(0);
    expect(err).toContain('waits until');
    expect(JSON.parse(out)).toEqual(JSON.parse(retried.out));
    const done = await doneIn(version);
    expect(done).toMatchObject({ verifyVersion: 1, claimRelease: 1, recordIssue: 1 });

    const late = await releasePrep(['retry', SERVICE, version], env);
    expect(late).toMatchObject({ code: 2, out: '' });
    expect(late.err).toContain('has ended (completed), nothing waits');
  });
});

it('cancels a run that waits; resume goes on with it after all', async () => {
  await withBrokenPrometheus(async ({ env, version }) => {
    const prepare = ['prepare', '--service', SERVICE, '--version', version];
    const waiting = releasePrep([...prepare, '--on-failure', 'wait'], env);
    await statusWith(env, version, 'waits until');
    expect(await releasePrep(['cancel', SERVICE, version], env)).toMatchObject({ code: 0 });
    const { code, err } = await waiting;
    expect(code).toBe(4);
    expect(err).toContain(`To continue it: release-prep resume '${SERVICE}' '${version}'`);
    const status = await releasePrep(['status', SERVICE, version], env);
    expect(status.out).toContain('CANCELLED, cancelled');
    expect(status.out).not.toContain('waits until');

    await mend();
    const resumed = await releasePrep(['resume', SERVICE, version, '--json'], env);
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out)).toMatchObject({ candidate: version });
  });
});

it('says what to run instead where nothing can be resumed or retried', async () => {
  const env = stack.environment();
  for (const command of ['resume', 'retry', 'status', 'cancel']) {
    const { code, out, err } = await releasePrep([command, SERVICE, 'v-never'], env);
    expect({ command, code, out }).toEqual({ command, code: 4, out: '' });
    expect(err).toContain(`${SERVICE} v-never was never prepared here`);
  }
  const usage = await releasePrep(['resume', SERVICE], env);
  expect(usage.code).toBe(2);
  expect(usage.err).toContain("missing required argument 'version'");
});
