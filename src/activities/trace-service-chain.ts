import type { ServiceChain } from '../domain/service-chain';
import { buildChain } from '../steps/service-chain/build-chain';
import type { Deps } from './runtime/activity-deps';
import { heartbeat, withHeartbeat } from './runtime/heartbeat';

/** The services up- and downstream of one service; `unknown` if no source of chains is configured. */
export function traceServiceChain(
  deps: Pick<Deps, 'topology'> & Partial<Pick<Deps, 'chainCache'>>,
  { service, now }: { service: string; now: string },
): Promise<ServiceChain> {
  const { topology, chainCache } = deps;
  if (topology === undefined) return Promise.resolve(unknownChain(service, now));
  const known = chainCache?.get(service, now);
  if (known !== undefined) return Promise.resolve(known);
  return withHeartbeat(async (signal) => {
    const traced = await topology.trace({ service, now: new Date(now), signal, onPage: heartbeat });
    const chain = buildChain(service, traced);
    chainCache?.put(service, now, chain);
    return chain;
  });
}

const unknownChain = (service: string, now: string): ServiceChain =>
  buildChain(service, {
    readings: [],
    source: { indices: [], window: { from: now, to: now } },
    notes: [],
  });
