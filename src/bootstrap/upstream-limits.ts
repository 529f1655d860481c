import { currentAttempt } from '../activities/runtime/activity-attempt';
import { createFairLimit, type FairLimit } from '../adapters/limits/fair-limit';
import { createRateWindow } from '../adapters/limits/rate-window';
import type { Topology } from '../adapters/topology/topology';
import type { UpstreamName } from '../adapters/upstream/upstream-error';
import type { Config } from '../config/config';

/**
 * Chains that are read at once: each holds up to 40,000 spans. With all activities of a worker waiting (32 by default)
 * the last of them begins within 40 s, inside the minute that one try has.
 */
const CHAINS_AT_ONCE = 8;
/** A longer wait for the model is Temporal's: it costs no slot of the worker (decision 6). */
const MODEL_MAX_WAIT_MS = 15_000;

/** Runs take turns. */
const keyOf = (): string => currentAttempt()?.run ?? '';

/** One worker's share of each upstream, for all its runs together. */
export const limitsOf = (config: Config): Partial<Record<UpstreamName, FairLimit>> => ({
  prometheus: createFairLimit({
    ...{ upstream: 'prometheus', atOnce: config.PROMETHEUS_MAX_REQUESTS, keyOf },
  }),
  'release-system': createFairLimit({
    ...{ upstream: 'release-system', atOnce: config.RELEASE_SYSTEM_MAX_REQUESTS, keyOf },
  }),
  elasticsearch: createFairLimit({ upstream: 'elasticsearch', atOnce: CHAINS_AT_ONCE, keyOf }),
  model: createFairLimit({
    ...{ upstream: 'model', atOnce: config.LLM_MAX_REQUESTS, keyOf, maxWaitMs: MODEL_MAX_WAIT_MS },
    rate: createRateWindow({
      requests: config.LLM_REQUESTS_PER_MINUTE,
      tokens: config.LLM_TOKENS_PER_MINUTE,
    }),
  }),
});

/** Limits how many chains are read at the same time. */
export const limitedTopology = (
  topology: Topology | undefined,
  limit: FairLimit | undefined,
): Topology | undefined =>
  topology && limit
    ? { trace: (query) => limit(() => topology.trace(query), { signal: query.signal }) }
    : topology;
