import { buildDeps, type Upstreams } from '../../bootstrap/create-deps';
import { loadConfig, type NeededUpstream } from '../../config/config';
import { parseReleaseRequest, type ReleaseRequest } from '../../domain/release';
import { TRIALS, type Trial } from '../choices';
import { usage } from '../exit-codes';
import { readHosts } from '../read-input';
import { tryChain } from './try-chain';
import { tryMetrics } from './try-metrics';
import { tryPlan } from './try-plan';
import { tryRisks } from './try-risks';
import { tryVerify } from './try-verify';

export type TryOptions = {
  service: string;
  version?: string;
  hosts?: string;
  json?: boolean;
  markdown?: boolean;
  mermaid?: boolean;
  explain?: string[];
  allowUnknownService?: boolean;
};

/** What each step cannot do without; what else it reads makes its answer better. */
const NEEDS: Record<Exclude<Trial, 'chain'>, readonly NeededUpstream[]> = {
  verify: ['RELEASE_SYSTEM_URL'],
  plan: ['RELEASE_SYSTEM_URL'],
  risks: ['RELEASE_SYSTEM_URL'],
  metrics: ['PROMETHEUS_URL'],
};

/** `release-prep try STEP`: one step against the configured upstreams, without Temporal and without recording. */
export async function tryStep(step: string, options: TryOptions): Promise<void> {
  const trial = TRIALS.find((name) => name === step);
  if (trial === undefined) throw usage(`try: ${step} is none of ${TRIALS.join(', ')}`);
  const hosts = await readHosts(options.hosts);
  // Steps that need no version are tried with one that no host runs.
  const input = {
    service: options.service,
    version: options.version ?? 'untold',
    ...(hosts !== undefined && { hosts }),
    ...(options.allowUnknownService && { allow_unknown_service: true }),
  };
  if (options.version === undefined && (trial === 'verify' || trial === 'risks')) {
    throw usage(`try ${trial}: --version is needed`);
  }
  const parsed = parseReleaseRequest(input);
  if (!parsed.ok) throw usage(parsed.errors.join('\n'));
  // A chain needs none of the other upstreams.
  if (trial === 'chain') return tryChain(parsed.request.service, options);
  const deps = await buildDeps(loadConfig(), NEEDS[trial]);
  await run(trial, deps, parsed.request, options);
}

async function run(
  trial: Exclude<Trial, 'chain'>,
  deps: Upstreams,
  request: ReleaseRequest,
  format: TryOptions,
) {
  switch (trial) {
    case 'verify':
      return tryVerify(deps, request);
    case 'plan':
      return tryPlan(deps, request, format);
    case 'risks':
      return tryRisks(deps, request, format);
    case 'metrics':
      return tryMetrics(deps, request, format);
  }
}
