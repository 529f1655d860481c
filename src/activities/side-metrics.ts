import { UpstreamError } from '../adapters/upstream-error';
import type { MetricShortlist, SideMetrics } from '../domain/metrics';
import { buildCatalogue, type MetricFactsByName } from '../steps/metric-catalogue';
import { ownMetrics } from '../steps/metric-ownership';
import { equals, hostsMatcher } from '../steps/promql';
import { serviceKind } from '../steps/service-kind';
import { hostSide, MAX_NAMED_HOSTS } from '../steps/side-metrics';
import type { Deps } from './deps';
import { knownHosts } from './known-hosts';

type Range = { start: number; end: number };
type HostDeps = Pick<Deps, 'prometheus' | 'prometheusHostLabels' | 'knowledge'> &
  Partial<Pick<Deps, 'releaseSystem'>>;

/**
 * The machines' metrics, by the configured labels in order, for each first by the hosts' ids, then by their addresses;
 * `own` are names that the service's label finds already. None where no series is of any host, and for large fleets.
 */
export async function hostMetrics(
  deps: HostDeps,
  { service, own, facts }: { service: string; own: ReadonlySet<string>; facts: MetricFactsByName },
  range: Range,
  signal: AbortSignal | undefined,
): Promise<SideMetrics[]> {
  const { prometheus, prometheusHostLabels, knowledge } = deps;
  const hosts = await knownHosts(deps, service, signal);
  if (hosts.length === 0 || hosts.length > MAX_NAMED_HOSTS) return [];
  const spellings = [hosts.map(({ host_id }) => host_id), hosts.map(({ host_ip }) => host_ip)];
  for (const label of prometheusHostLabels) {
    for (const names of spellings) {
      const matcher = hostsMatcher(label, names);
      if (matcher === undefined) continue;
      const { data } = await prometheus.metricNames([`{${matcher}}`], signal, range);
      const side = hostSide({ label, hosts: names }, data, facts, { own, knowledge });
      if (side !== undefined) return [side];
    }
  }
  return [];
}

/** What could be read of the neighbours, and why not the others. */
export type NeighbourMetrics = { sides: SideMetrics[]; missing?: string };

/** The metrics of those who call the service, by the label that told the service's own; one question each. */
export async function neighbourMetrics(
  { prometheus, knowledge }: Pick<Deps, 'prometheus' | 'knowledge'>,
  scope: MetricShortlist['scope'],
  neighbours: readonly string[],
  range: Range,
  signal: AbortSignal | undefined,
): Promise<NeighbourMetrics> {
  if (scope.kind !== 'label') return { sides: [] };
  const { label } = scope;
  const sides: SideMetrics[] = [];
  for (const service of neighbours) {
    try {
      const match = `{${equals(label, service)}}`;
      const { data } = await prometheus.metricNames([match], signal, range);
      const everything = buildCatalogue(data, {});
      const { kind } = serviceKind({ service, metrics: everything }, knowledge);
      const metrics = ownMetrics(everything, { service, kind, words: [] }, knowledge);
      if (metrics.length === 0) continue;
      const beside = { kind: 'neighbour', service } as const;
      sides.push({ beside, scope: { kind: 'label', label, value: service }, metrics });
    } catch (error) {
      // The service is judged without them.
      if (!(error instanceof UpstreamError)) throw error;
      return { sides, missing: error.message.slice(0, 300) };
    }
  }
  return { sides };
}
