import { plainText } from '../../adapters/terminal/printable';
import type { ChainEdge, ChainNode, ServiceChain, Truncation } from '../../domain/service-chain';

/** The source of a chain, and how reliable it is. */
export const BASIS: Record<NonNullable<ServiceChain['source']['basis']>, string> = {
  traces: 'from traces: each service belongs to the chain because some trace leads there',
  relations:
    'from relations without traces: what edges can reach, whichever requests they come from; the true chain may be smaller',
  logs: 'inferred from when requests began and ended in logs; asynchronous calls are not seen',
};

/** Why a chain can be incomplete, in words. */
export const REASON: Record<Truncation, string> = {
  traces: 'more traces than are read at once; rare calls can be missing',
  spans: 'the sampled traces hold more spans than are read at once',
  requests: 'the read stopped at its bound of requests',
  budget: 'the read stopped at its bound of time or bytes',
  shards: 'some shards failed; what they hold is missing',
  timeout: 'a search timed out; what it had not reached is missing',
  remote: 'a remote cluster or an index was skipped',
  orphans: 'many spans lack their parent; calls are missing (a sampler, an index or a lost shard)',
  sampled: 'only sampled traces were stored; counts are lower bounds',
  'clock-skew':
    'clocks disagree; calls whose direction is not known for that reason are shown without one',
  concurrent: 'calls of one request ran at the same time; who called whom is not known',
  depth: 'traces lead farther than the chain goes',
  environments: 'services of several environments or namespaces are mixed under one name',
  names: 'a name stands for more than one service, or is written in another way',
  topics: 'messages do not say who wrote them; some services behind a topic can be missing',
};

export function statusWords(chain: ServiceChain): string {
  switch (chain.status) {
    case 'ok':
      return 'ok';
    case 'partial':
      return 'partial';
    case 'unknown':
      return 'unknown: no document of it was found there. That does not mean that it has no dependencies';
  }
}

/** Each reason once: in the words of its notes where there are any. */
export const reasonsOf = ({ truncated, notes = [] }: ServiceChain): string[] =>
  [...new Set([...truncated, ...notes.map(({ reason }) => reason)])].flatMap((reason) => {
    const details = notes.filter((note) => note.reason === reason).map(({ detail }) => detail);
    return details.length > 0
      ? details.map((detail) => `${reason}: ${plainText(detail)}`)
      : [`${reason}: ${REASON[reason]}`];
  });

/** `topic kafka · 45 calls (about 60) · 24.4 % errors`. */
export function edgeWords({
  via,
  systems = [],
  calls,
  errors,
  scale,
  last_seen,
}: ChainEdge): string {
  const estimate = Math.round(calls * scale);
  const about = estimate > calls ? ` (about ${figure(estimate)})` : '';
  return [
    [via, ...systems].map(plainText).join(' '),
    `${figure(calls)} ${calls === 1 ? 'call' : 'calls'}${about}`,
    errors === null ? 'errors unknown' : `${share(errors, calls)} errors`,
    ...(last_seen === undefined ? [] : [`last seen ${minuteOf(last_seen)}`]),
  ].join(' · ');
}

/** Enough to find the callee; the JSON has all. */
const MAX_CANDIDATES = 3;

/** The kind of a node that is not a service. */
export function nodeWords({ kind, candidates = [], last_seen }: ChainNode): string {
  const named = candidates.slice(0, MAX_CANDIDATES).map(plainText).join(', ');
  const more =
    candidates.length > MAX_CANDIDATES ? ` and ${candidates.length - MAX_CANDIDATES} more` : '';
  const words = [
    ...(kind === 'service' ? [] : [kind]),
    ...(kind === 'unresolved' ? [named === '' ? 'nobody known' : `could be ${named}${more}`] : []),
    ...(last_seen === undefined ? [] : [`last seen ${minuteOf(last_seen)}`]),
  ];
  return words.length === 0 ? '' : `(${words.join(', ')})`;
}

/** Services of the same requests whose direction is unknown. */
export function undirected(chain: ServiceChain): string[] {
  const placed = new Set([
    chain.service,
    ...[...chain.upstream, ...chain.downstream].map(({ service }) => service),
  ]);
  return chain.nodes
    .filter(({ id, kind }) => kind === 'service' && !placed.has(id))
    .map(({ id }) => id);
}

const minuteOf = (time: string): string => `${plainText(time).slice(0, 16).replace('T', ' ')}Z`;
export const share = (errors: number, calls: number): string =>
  calls === 0 ? '0 %' : `${((100 * errors) / calls).toFixed(1).replace(/\.0$/, '')} %`;
const figure = (count: number): string => count.toLocaleString('en-US');
