import type { Host, HostRef } from '../../domain/host';
import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import type { Batch } from '../../domain/release-plan';
import { domainQueues, loadOf, takeBatch, type DomainQueue, type HostOrder } from './batch-hosts';
import { batchSizes, largestSize } from './batch-sizes';
import { hostsOutAtOnce } from './capacity';
import { faultDomainsOf, type FaultDomains } from './fault-domain';
import { unhealthyReason } from '../version/version-check';
import { formatDuration } from '../text/format-duration';
import { parseSeconds } from '../text/parse-seconds';

export type GrayPlan = {
  batches: Batch[];
  excluded_hosts: { host_id: string; reason: string }[];
  total_time: string;
  serving_hosts: number;
  notes: string[];
  unchecked?: ('fault_domains' | 'capacity')[];
};
export type BatchPolicy = Pick<
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
  /** Requested by the model; it changes neither the canary nor any bound. */
  order?: HostOrder;
};

/**
 * Batches that grow by the policy. Every target host is in exactly one batch or excluded with its reason; the canary
 * is the least loaded healthy host of the smallest fault domain; until the last batch no batch takes more of a
 * domain than the policy's share while there is another (one host can always be taken); no batch takes more hosts
 * than the remaining ones can replace. The same facts in any order give the same plan.
 */
export function planBatches(
  { service, targets, fleet, order }: PlanFacts,
  policy: BatchPolicy,
): GrayPlan {
  const excluded = targets.flatMap((host) => unhealthyReason(host, service) ?? []);
  const out = new Set(excluded.map(({ host_id }) => host_id));
  const healthy = targets.filter((host) => !out.has(host.host_id));
  const serving = fleet.filter((host) => unhealthyReason(host, service) === undefined);
  const capacity = hostsOutAtOnce(serving, policy.headroom);
  const domains = faultDomainsOf(healthy);
  const queues = domainQueues(healthy, domains, order);
  const members = cutBatches(queues, healthy.length, policy, capacity.hosts);
  const batches = members.map((hosts, index) => {
    const over = spreadText(hosts, domains);
    const isLast = index === members.length - 1;
    const canary = index === 0 ? `canary: ${over}${canaryText(hosts, queues)}` : undefined;
    const reason = canary ?? (isLast ? `the rest: ${over}` : over);
    return batchOf(index, hosts, domains, policy, reason);
  });
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

/** Batch after batch until no host is left; where caps cut a batch short, the next one keeps its own size. */
function cutBatches(
  all: readonly DomainQueue[],
  total: number,
  policy: BatchPolicy,
  capacity: number,
): Host[][] {
  const sizes = batchSizes(total, policy, capacity);
  const largest = Math.max(sizes[0] ?? 1, largestSize(total, policy, capacity));
  const cap = ({ size }: DomainQueue) =>
    all.length === 1 ? size : Math.max(1, Math.floor(size * policy.max_domain_share));
  const batches: Host[][] = [];
  let queues = all;
  for (let left = total; left > 0;) {
    // Caps can leave hosts over after the last size: then it applies to all further batches.
    const size = sizes[batches.length] ?? largest;
    const isLast = left <= size;
    const taken = takeBatch(queues, Math.min(size, left), isLast ? ({ size }) => size : cap);
    batches.push(taken.hosts);
    queues = taken.queues;
    left -= taken.hosts.length;
  }
  return batches;
}

function batchOf(
  index: number,
  members: readonly Host[],
  domains: FaultDomains,
  policy: BatchPolicy,
  reason: string,
): Batch {
  const at = (times: readonly string[]) => times[Math.min(index, times.length - 1)] ?? '600s';
  const sorted = [...members].sort((a, b) =>
    compare(domainAndId(a, domains), domainAndId(b, domains)),
  );
  return {
    batch_id: index + 1,
    observation_time: at(policy.observation),
    hosts: sorted.map(({ host_id, host_ip }): HostRef => ({ host_id, host_ip })),
    repair_observation_time: at(policy.repair_observation),
    reason,
  };
}

/** Why these hosts are the first ones, from what is known about load and fault domains. */
function canaryText(members: readonly Host[], queues: readonly DomainQueue[]): string {
  const hosts = queues[0]?.left ?? [];
  if (hosts.length < 2 && queues.length < 2) return '';
  const where = queues.length < 2 ? '' : ' of the smallest fault domain';
  const among = members.length === 1 ? 'the' : 'with the';
  if (hosts.length < 2) return `, ${among} only one${where}`;
  const known = hosts.filter((host) => loadOf(host) < Infinity).length;
  if (known === 0) return `, ${among} first one${where} by id, because the load is not known`;
  const some = known < hosts.length ? ', as far as the load is known' : '';
  return `, ${among} least loaded one${where}${some}`;
}

function spreadText(members: readonly Host[], { of, from }: FaultDomains): string {
  const hosts = counted(members.length, 'host');
  if (from === 'nowhere') return hosts;
  const domains = new Set(members.map(({ host_id }) => of.get(host_id))).size;
  return `${hosts} in ${counted(domains, 'fault domain')}`;
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

function domainNote(queues: readonly DomainQueue[], { from }: FaultDomains): string {
  if (from === 'nowhere')
    return 'the fault domains of the hosts are not known: all hosts can fail together';
  const sizes = queues.slice(0, 6).map(({ name, size }) => `${name} ${size}`);
  const more = queues.length > 6 ? ` and ${queues.length - 6} more` : '';
  return `${counted(queues.length, 'fault domain')} by ${from}: ${sizes.join(', ')}${more}`;
}

/** Until the last batch, hosts run different versions. */
function skewNote(service: string, hosts: readonly Host[], batches: readonly Batch[]): string[] {
  if (batches.length < 2) return [];
  const side = totalSeconds(batches.slice(0, -1));
  const running = hosts.flatMap((host) => host.services.find(({ name }) => name === service) ?? []);
  const versions = [...new Set(running.map(({ version }) => version))].sort();
  const time = formatDuration(side);
  if (versions.length < 2) {
    return [`the current and the new version serve requests together for at least ${time}`];
  }
  const more = versions.length > 4 ? ', …' : '';
  const listed = `${versions.slice(0, 4).join(', ')}${more}`;
  return [
    `${versions.length} versions run already (${listed}); they and the new version serve requests together for at least ${time}`,
  ];
}

export const totalSeconds = (batches: readonly Pick<Batch, 'observation_time'>[]): number =>
  batches.reduce((sum, batch) => sum + parseSeconds(batch.observation_time), 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const domainAndId = ({ host_id }: Host, { of }: FaultDomains): string =>
  `${of.get(host_id) ?? ''}\u0000${host_id}`;
