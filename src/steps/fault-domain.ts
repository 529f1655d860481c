import type { Host } from '../domain/host';

/** Labels in which release systems and Kubernetes put a host's zone, the most common first. */
const ZONE_LABELS = [
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/zone',
  'zone',
  'az',
];

/** Hosts that fail together: zone, else a zone label, else region, else the first part of the id (`sh1-node-001` → `sh1`). */
export function faultDomainOf(host: Host): string {
  const label = ZONE_LABELS.map((name) => host.labels?.[name]).find(Boolean);
  return host.zone || label || host.region || (host.host_id.split(/[-_.]/)[0] ?? host.host_id);
}
