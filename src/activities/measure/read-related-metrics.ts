import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { HostRef } from '../../domain/host';
import type { MetricShortlist, SideMetrics } from '../../domain/metrics';
import { buildCatalogue, type MetricMetadataByName } from '../../steps/metrics/metric-catalogue';
import { ownMetrics } from '../../steps/metrics/metric-ownership';
import { equals, hostsMatcher } from '../../steps/rules/promql';
import { serviceKind } from '../../steps/knowledge/service-kind';
import { hostSide, MAX_NAMED_HOSTS, type Neighbour } from '../../steps/metrics/related-metrics';
import type { Deps } from '../runtime/activity-deps';
import { knownHosts } from './known-hosts';

type Range = { start: number; end: number };
type HostDeps = Pick<Deps, 'prometheus' | 'prometheusHostLabels' | 'knowledge'> &
  Partial<Pick<Deps, 'releaseSystem'>>;

/**
 * The machines' metrics, found by the configured labels in order, for each label first by the hosts' ids, then by their
 * addresses. `own` are names that the service's label already finds. None if no series belongs to a host, or for a
 * large fleet; then the result gives the reason.
 */
export async function hostMetrics(
  deps: HostDeps,
  {
    service,
    own,
    facts,
  }: { service: string; own: ReadonlySet<string>; facts: MetricMetadataByName },
  range: Range,
  signal: AbortSignal | undefined,
): Promise<{ sides: SideMetrics[]; unwatched: string[] }> {
  const { prometheus, prometheusHostLabels, knowledge } = deps;
  const hosts = await knownHosts(deps, service, signal);
  if (hosts.length === 0 || hosts.length > MAX_NAMED_HOSTS) {
    return { sides: [], unwatched: [whyNone(hosts, prometheusHostLabels)] };
  }
  const spellings = [hosts.map(({ host_id }) => host_id), hosts.map(({ host_ip }) => host_ip)];
  try {
    for (const label of prometheusHostLabels) {
      for (const names of spellings) {
        const matcher = hostsMatcher(label, names);
        if (matcher === undefined) continue;
        const { data } = await prometheus.metricNames([`{${matcher}}`], signal, range);
        const side = hostSide({ label, hosts: names }, data, facts, { own, knowledge });
        if (side !== undefined) return { sides: [side], unwatched: [] };
      }
    }
  } catch (error) {
    // The service can still be judged if a server or proxy refuses this query.
    if (!(error instanceof UpstreamError && error.permanent)) throw error;
    return { sides: [], unwatched: [`the hosts: ${error.message.slice(0, 300)}`] };
  }
  return { sides: [], unwatched: [whyNone(hosts, prometheusHostLabels)] };
}

function whyNone(hosts: readonly HostRef[], labels: readonly string[]): string {
  if (hosts.length === 0) return 'the hosts: the release system names none';
  if (hosts.length > MAX_NAMED_HOSTS)
    return `the hosts: ${hosts.length} are too many for one query (at most ${MAX_NAMED_HOSTS})`;
  return `the hosts: no host metric has one of the ${hosts.length} hosts in a label of ${labels.join(', ')} (PROMETHEUS_HOST_LABELS)`;
}

/** The metrics of callers and callees, the neighbours without metrics, and why others could not be read. */
export type NeighbourMetrics = { sides: SideMetrics[]; unwatched: string[]; missing?: string };

/** The metrics of the service's callers and callees, by the label that found the service's own; one query each. */
export async function neighbourMetrics(
  { prometheus, knowledge }: Pick<Deps, 'prometheus' | 'knowledge'>,
  scope: MetricShortlist['scope'],
  neighbours: readonly Neighbour[],
  range: Range,
  signal: AbortSignal | undefined,
): Promise<NeighbourMetrics> {
  if (scope.kind !== 'label') return { sides: [], unwatched: neighbours.map(unlabelled) };
  const { label } = scope;
  const sides: SideMetrics[] = [];
  const unwatched: string[] = [];
  for (const { service, because } of neighbours) {
    try {
      const match = `{${equals(label, service)}}`;
      const { data } = await prometheus.metricNames([match], signal, range);
      const everything = buildCatalogue(data, {});
      const { kind } = serviceKind({ service, metrics: everything }, knowledge);
      const metrics = ownMetrics(everything, { service, kind, words: [] }, knowledge);
      if (metrics.length === 0) {
        unwatched.push(`${service}: no metric has its name in the label ${label}`);
        continue;
      }
      const beside = { kind: 'neighbour', service, because } as const;
      sides.push({ beside, scope: { kind: 'label', label, value: service }, kind, metrics });
    } catch (error) {
      // The service can be judged without its neighbours.
      if (!(error instanceof UpstreamError)) throw error;
      return { sides, unwatched, missing: error.message.slice(0, 300) };
    }
  }
  return { sides, unwatched };
}

const unlabelled = ({ service }: Neighbour): string =>
  `${service}: no label shows which series belong to which service`;
