import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startSandboxPrometheus } from '../../../sandbox/prometheus/server';
import { startReleaseSystem } from '../../../sandbox/release-system';
import { freePort } from '../../../src/embedded/server-process';
import { startTemporalServer } from '../../../src/embedded/temporal-server';
import { runToEnd } from '../../fixtures/processes/process';
import { exampleHosts, releasePrep } from '../../fixtures/stacks/stack';
import { spawnWorker } from '../../fixtures/processes/product-process';

jest.setTimeout(400_000);

const ROOT = path.resolve(__dirname, '../../..');

it('has rules that promtool accepts, and that fire when they should and else not', async () => {
  expect(
    await runToEnd('promtool', ['check', 'rules', 'deploy/alerts.yml'], { cwd: ROOT }),
  ).toMatch(/10 rules found/);
  await runToEnd('promtool', ['test', 'rules', 'deploy/alerts.test.yml'], { cwd: ROOT });
});

/** Only there once something went wrong. */
const ON_FAILURE = [
  'temporal_workflow_task_execution_failed_total',
  'temporal_request_failure_total',
];

it('alerts on metrics that a worker has', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'alerts-'));
  const server = await startTemporalServer({ ui: false });
  const prometheus = await startSandboxPrometheus();
  const releases = await startReleaseSystem({ hosts: exampleHosts() });
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const env = {
    ...{ TEMPORAL_ADDRESS: server.address, LLM_MODE: 'off', RELEASE_SYSTEM_URL: releases.url },
    ...{ PROMETHEUS_URL: prometheus.url, ISSUE_STORE_URL: `file:${folder}` },
  };
  const worker = spawnWorker({ ...env, METRICS_ADDRESS: metricsAddress, MAX_PREPARATIONS: '5' });
  try {
    const args = ['prepare', '--service', 'user-service', '--version', 'v1.1.0', '--dry-run'];
    expect((await releasePrep(args, env)).code).toBe(0);
    const metrics = await (await fetch(`http://${metricsAddress}/metrics`)).text();
    const used = new Set(
      readFileSync(path.join(ROOT, 'deploy/alerts.yml'), 'utf8').match(
        /\b(?:temporal|release_prep)_[a-zA-Z_]+/g,
      ),
    );
    const missing = [...used].filter((name) => !metrics.includes(`${name}{`));
    expect(missing.filter((name) => !ON_FAILURE.includes(name))).toEqual([]);
    expect(metrics).toMatch(/release_prep_preparations_total\{[^}]*outcome="(success|warning)"/);
    expect(metrics).toMatch(
      /release_prep_upstream_requests_total\{status="200",upstream="prometheus"\}/,
    );
    expect(metrics).toMatch(/release_prep_payload_size_By_count\{direction="out"\} [1-9]/);
  } finally {
    await worker.stop();
    await releases.stop();
    await prometheus.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
