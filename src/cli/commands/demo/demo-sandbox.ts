import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { faultOf, NO_FAULT, type FaultKind } from '../../../../sandbox/faults';
import { createMetrics } from '../../../../sandbox/prometheus/series';
import { startReleaseSystem } from '../../../../sandbox/release-system';
import { Host } from '../../../domain/host';
import { MitigationAction } from '../../../domain/risk';
import { BUNDLE } from '../../../temporal/workflow-bundle';
import type { PrometheusChoice } from '../../choices';
import { startDemoPrometheus } from './demo-prometheus';
import { REQUESTS_A_SECOND } from './short-times';

/** The package's own folder: `dist/` when built. */
const ROOT = path.resolve(BUNDLE.releasePrep, '../..');
/** A deploy to one host or many. */
const DEPLOY_MS = 1_500;

type Options = { execute?: boolean; fault?: FaultKind; prometheus?: PrometheusChoice };

/** The upstreams of the demo: hosts that can be released, metrics that follow what runs on them, a chain, a store. */
export async function startSandbox(version: string, options: Options, folder: string) {
  const { execute = false, fault, prometheus: choice = 'auto' } = options;
  const releaseSystem = await startReleaseSystem({
    hosts: await readHosts(),
    ...(execute && {
      actions: ['deploy', ...MitigationAction.options.filter((action) => action !== 'pause')],
      fate: () => ({ afterMs: DEPLOY_MS }),
    }),
  });
  const metrics = createMetrics({
    ...(execute && { requests: REQUESTS_A_SECOND }),
    fault:
      fault === undefined
        ? NO_FAULT
        : faultOf(fault, { version, changes: () => releaseSystem.changes }),
  });
  const prometheus = await startDemoPrometheus(choice, { metrics, short: execute });
  return {
    says: prometheus.says,
    upstreams: {
      RELEASE_SYSTEM_URL: releaseSystem.url,
      PROMETHEUS_URL: prometheus.url,
      TOPOLOGY_URL: fileUrl(path.join(ROOT, 'sandbox/data/chain.json')),
      ISSUE_STORE_URL: fileUrl(path.join(folder, 'issues')),
    },
    async stop() {
      await prometheus.stop();
      await releaseSystem.stop();
    },
  };
}

/** Readable for a person, and with any character in a folder's name. */
const fileUrl = (file: string): string =>
  `file:${file.split(path.sep).map(encodeURIComponent).join('/')}`;

async function readHosts(): Promise<Host[]> {
  // eslint-disable-next-line no-restricted-syntax -- a file of this package
  const content: unknown = JSON.parse(
    await readFile(path.join(ROOT, 'sandbox/data/hosts.json'), 'utf8'),
  );
  return z.object({ hosts: z.array(Host) }).parse(content).hosts;
}
