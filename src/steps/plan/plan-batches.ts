import type { Host, HostRef } from '../../domain/host';
import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import type { Batch } from '../../domain/release-plan';
import { domainQueues, takeBatch, type DomainQueue, type HostOrder } from './batch-hosts';
import { batchSizes, largestSize } from './batch-sizes';
import { hostsOutAtOnce } from './capacity';
import { faultDomainsOf, type FaultDomains } from './fault-domain';
import { unhealthyReason } from '../version/version-check';
import { parseSeconds } from '../text/parse-seconds';

export type GrayPlan = {
  batches: Batch[];
  excluded_hosts: { host_id: string; reason: string }[];
  total_time: string;
  serving_hosts: number;
  notes: string[];
  unchecked?: ('fault_domains' | 'capacity')[];
};
export type Policy = Pick<
  RolloutDocument,
  | 'first_batch'
  | 'first_share'
  | 'growth'
  | 'max_share'
  | 'max_batches'
  | 'max_domain_share'
  | 'headroom'
  | 'observation'
  | 'repair_observation'
>;
export type PlanFacts = {
  service: string;
  /** The hosts that the release goes to. */
  targets: readonly Host[];
  /** All hosts of the service: those that are no targets carry load as well. */
  fleet: readonly Host[];
  /** Asked for by the model; the canary and every bound stay. */
  order?: HostOrder;
};

/**
 * Batches that grow by the policy. Every target host is in exactly one batch or excluded with its reason; the canary
 * is the least loaded healthy host of the smallest fault domain; until the last batch no batch takes more of a
 * domain than the policy's share while there is another (one host can always be taken); no batch takes more hosts
 * than the rest can stand in for. The same facts in any order give the same plan.
 */
export function planBatches(
  { service, targets, fleet, order }: PlanFacts,
  policy: Policy,
): GrayPlan {
  const excluded = targets.flatMap((host) => unhealthyReason(host, service) ?? []);
  const out = new Set(excluded.map(({ host_id }) => host_id));
  const healthy = targets.filter((host) => !out.has(host.host_id));
  const serving = fleet.filter((host) => unhealthyReason(host, service) === undefined);
  const capacity = hostsOutAtOnce(serving, policy.headroom);
  const domains = faultDomainsOf(healthy);
  const queues = domainQueues(healthy, domains, order);
  const members = cut(queues, healthy.length, policy, capacity.hosts);
  const batches = members.map((hosts, index) =>
    batchOf(index, hosts, members.length, domains, policy),
  );
  return {
    batches,
    excluded_hosts: excluded,
    total_time: `${totalSeconds(batches)}s`,
    serving_hosts: serving.length,
    notes: [domainNote(queues, domains), capacity.note, ...skewNote(service, healthy, batches)],
    unchecked: [
      ...(domains.from === 'nowhere' ? ['fault_domains' as const] : []),
      ...(capacity.hosts === Infinity ? ['capacity' as const] : []),
    ],
  };
}

/** Batch after batch until no host is left; where caps cut a batch short, the next one goes on from its wish. */
function cut(
  queues: readonly DomainQueue[],
  total: number,
  policy: Policy,
  capacity: number,
): Host[][] {
  const wishes = batchSizes(total, policy, capacity);
  const largest = Math.max(wishes[0] ?? 1, largestSize(total, policy, capacity));
  const cap = ({ size }: DomainQueue) =>
    queues.length === 1 ? size : Math.max(1, Math.floor(size * policy.max_domain_share));
  const batches: Host[][] = [];
  for (let left = total; left > 0;) {
    // Caps may leave hosts over after the last wish: it holds for all further batches.
    const wish = wishes[batches.length] ?? largest;
    const isLast = left <= wish;
    const batch = takeBatch(queues, Math.min(wish, left), isLast ? ({ size }) => size : cap);
    batches.push(batch);
    left -= batch.length;
  }
  return batches;
}

function batchOf(
  index: number,
  members: Host[],
  count: number,
  domains: FaultDomains,
  policy: Policy,
): Batch {
  const at = (times: readonly string[]) => times[Math.min(index, times.length - 1)] ?? '600s';
  const over = spreadOver(members, domains);
  const sorted = [...members].sort((a, b) =>
    compare(domainAndId(a, domains), domainAndId(b, domains)),
  );
  return {
    batch_id: index + 1,
    observation_time: at(policy.observation),
    hosts: sorted.map(({ host_id, host_ip }): HostRef => ({ host_id, host_ip })),
    repair_observation_time: at(policy.repair_observation),
    reason:
      index === 0
        ? `canary: ${over}, with the least loaded of the smallest domain`
        : index === count - 1
          ? `the rest: ${over}`
          : over,
  };
}

function spreadOver(members: readonly Host[], { of }: FaultDomains): string {
  const domains = new Set(members.map(({ host_id }) => of.get(host_id))).size;
  const hosts = `${members.length} host${members.length === 1 ? '' : 's'}`;
  return `${hosts} over ${domains} fault domain${domains === 1 ? '' : 's'}`;
}

function domainNote(queues: readonly DomainQueue[], { from }: FaultDomains): string {
  if (from === 'nowhere') return 'no fault domain is known: the hosts may all fail together';
  const sizes = queues.slice(0, 6).map(({ name, size }) => `${name} ${size}`);
  const more = queues.length > 6 ? ` and ${queues.length - 6} more` : '';
  return `${queues.length} fault domains by ${from}: ${sizes.join(', ')}${more}`;
}

/** Old and new version answer side by side until the last batch. */
function skewNote(service: string, hosts: readonly Host[], batches: readonly Batch[]): string[] {
  if (batches.length < 2) return [];
  const side = totalSeconds(batches.slice(0, -1));
  const running = hosts.flatMap((host) => host.services.find(({ name }) => name === service) ?? []);
  const versions = [...new Set(running.map(({ version }) => version))].sort();
  const old =
    versions.length > 1
      ? `${versions.length} versions run already (${versions.slice(0, 4).join(', ')}), and`
      : 'the current';
  return [`${old} and the new version serve side by side for at least ${side}s`];
}

export const totalSeconds = (batches: readonly Pick<Batch, 'observation_time'>[]): number =>
  batches.reduce((sum, batch) => sum + parseSeconds(batch.observation_time), 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const domainAndId = ({ host_id }: Host, { of }: FaultDomains): string =>
  `${of.get(host_id) ?? ''}\u0000${host_id}`;
