import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { CatalogueMetric } from '../../domain/metrics';
import type { ServiceChain } from '../../domain/service-chain';
import { kindByMetrics } from './metric-groups';
import { GENERAL_KIND, kindByName, profileOf } from './lookup';

const HTTP_SERVICE = 'http-service';
const QUEUE_WORKER = 'queue-worker';
export const ASYNC: ReadonlySet<string> = new Set(['async', 'link', 'topic']);

/** The facts that the step has; a fact that is left out has no influence. */
export type KindFacts = {
  service: string;
  chain?: ServiceChain | null;
  /** Metrics that are the service's own; empty when none were found or none could be read. */
  metrics?: readonly CatalogueMetric[];
};
/** A technology, and what shows it. */
export type ServiceKind = { kind: string; because: string };

/** What the service is, and what shows it: its profile, else its metrics, its name, how it is called; else `general`. */
export function serviceKind(
  { service, chain = null, metrics = [] }: KindFacts,
  knowledge: Knowledge,
): ServiceKind {
  const profile = profileOf(service, knowledge);
  if (profile !== undefined) return { kind: profile.kind, because: 'by its profile' };
  const byMetrics = kindByMetrics(service, metrics, knowledge);
  if (byMetrics !== GENERAL_KIND)
    return { kind: byMetrics, because: 'by the names of its metrics' };
  const byName = kindByName(service, knowledge);
  if (byName !== undefined) return { kind: byName, because: 'by its name' };
  const byChain = kindByChain(service, chain);
  const known = knowledge.technologies.some(({ id }) => id === byChain?.kind);
  return known && byChain !== undefined
    ? byChain
    : { kind: GENERAL_KIND, because: 'because its kind is not known' };
}

function kindByChain(service: string, chain: ServiceChain | null) {
  const calls = (chain?.edges ?? []).filter(
    ({ caller, callee }) => callee === service && caller !== service,
  );
  if (calls.some(({ via }) => via === 'sync'))
    return { kind: HTTP_SERVICE, because: 'others call it and wait for its answer' };
  if (calls.some(({ via }) => ASYNC.has(via)))
    return { kind: QUEUE_WORKER, because: 'it is reached through messages alone' };
  return undefined;
}
