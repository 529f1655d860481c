import type { Host, HostRef } from '../domain/host';
import type { RolloutDocument } from '../domain/knowledge/rollout-document';
import type { Batch } from '../domain/release-plan';
import { faultDomainOf } from './fault-domain';
import { unhealthyReason } from './version-check';

export type GrayPlan = {
  batches: Batch[];
  excluded_hosts: { host_id: string; reason: string }[];
  total_time: string;
};
export type Policy = Pick<
  RolloutDocument,
  'first_batch' | 'growth' | 'max_share' | 'max_batches' | 'observation' | 'repair_observation'
>;

/**
 * Batches that grow by the policy: the canary is the least loaded healthy host of the smallest fault domain,
 * each further batch is spread over the domains; every healthy host is in exactly one batch.
 */
export function planBatches(service: string, hosts: readonly Host[], policy: Policy): GrayPlan {
  const excluded = hosts.flatMap((host) => unhealthyReason(host, service) ?? []);
  const out = new Set(excluded.map(({ host_id }) => host_id));
  const order = spread(hosts.filter((host) => !out.has(host.host_id)));
  const sizes = batchSizes(order.length, policy);
  let from = 0;
  const batches = sizes.map((size, index) => {
    const members = order.slice(from, (from += size)).sort(byDomainThenId);
    return batchOf(index, members, sizes.length, policy);
  });
  return { batches, excluded_hosts: excluded, total_time: `${totalSeconds(batches)}s` };
}

/** 1, 2, 4, … of the policy, no batch over its largest share, and as many batches as it allows at the most. */
export function batchSizes(total: number, policy: Policy): number[] {
  const largest = Math.max(policy.first_batch, Math.floor(total * policy.max_share), 1);
  const sizes: number[] = [];
  for (let left = total, next = policy.first_batch; left > 0; next *= policy.growth) {
    const batchesLeft = policy.max_batches - sizes.length;
    // The last allowed batches share what is left evenly: an overlong plan is never finished.
    const needed = Math.ceil(left / Math.max(1, batchesLeft));
    const growing = Math.min(Math.floor(next), largest);
    const wouldFit =
      growing * Math.max(1, batchesLeft) >= left ||
      canGrowInto(left, next, batchesLeft, policy.growth, largest);
    const size = Math.min(left, wouldFit ? Math.max(1, growing) : needed);
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

function canGrowInto(left: number, next: number, batches: number, growth: number, largest: number) {
  let capacity = 0;
  for (let i = 0, size = next; i < batches && capacity < left; i += 1, size *= growth) {
    capacity += Math.min(Math.floor(size), largest);
  }
  return capacity >= left;
}

/** Round robin over the domains, the smallest first; within a domain the least loaded first. */
function spread(hosts: readonly Host[]): Host[] {
  const domains = new Map<string, Host[]>();
  for (const host of hosts) {
    const name = faultDomainOf(host);
    const members = domains.get(name);
    if (members) members.push(host);
    else domains.set(name, [host]);
  }
  const queues = [...domains.entries()]
    .sort(([a, x], [b, y]) => x.length - y.length || compare(a, b))
    .map(([, members]) =>
      members.sort((a, b) => loadOf(a) - loadOf(b) || compare(a.host_id, b.host_id)),
    );
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: longest }, (_, rank) => rank).flatMap((rank) =>
    queues.flatMap((queue) => queue[rank] ?? []),
  );
}

function batchOf(index: number, members: Host[], count: number, policy: Policy): Batch {
  const at = (times: readonly string[]) => times[Math.min(index, times.length - 1)] ?? '600s';
  const domains = new Set(members.map(faultDomainOf)).size;
  const over = `${members.length} hosts over ${domains} fault domain${domains === 1 ? '' : 's'}`;
  return {
    batch_id: index + 1,
    observation_time: at(policy.observation),
    hosts: members.map(({ host_id, host_ip }): HostRef => ({ host_id, host_ip })),
    repair_observation_time: at(policy.repair_observation),
    reason:
      index === 0
        ? `canary: ${over}, the least loaded of the smallest domain`
        : index === count - 1
          ? `the rest: ${over}`
          : over,
  };
}

export type PlanProposal = {
  batches: readonly { batch_id: number; observation_seconds: number }[];
};

/** The model may lengthen an observation up to the policy's cap, and change nothing else. */
export function acceptPlanProposal(plan: GrayPlan, proposal: PlanProposal, cap: string): GrayPlan {
  const most = secondsOf(cap);
  const batches = plan.batches.map((batch) => {
    const asked = proposal.batches.find(({ batch_id }) => batch_id === batch.batch_id);
    const wished = Math.min(Math.floor(asked?.observation_seconds ?? 0), most);
    return wished > secondsOf(batch.observation_time)
      ? { ...batch, observation_time: `${wished}s` }
      : batch;
  });
  return { ...plan, batches, total_time: `${totalSeconds(batches)}s` };
}

const totalSeconds = (batches: readonly Batch[]): number =>
  batches.reduce((sum, batch) => sum + secondsOf(batch.observation_time), 0);
const secondsOf = (text: string): number => Number.parseInt(text, 10);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const loadOf = (host: Host): number => Math.max(host.load?.cpu ?? 0, host.load?.memory ?? 0);
const byDomainThenId = (a: Host, b: Host): number =>
  compare(faultDomainOf(a), faultDomainOf(b)) || compare(a.host_id, b.host_id);
