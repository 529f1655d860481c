import type { MetricScope, MetricShortlist } from '../domain/metrics';
import { groupsOf } from '../steps/knowledge/metric-groups';
import { profileOf } from '../steps/knowledge/lookup';
import { buildCatalogue } from '../steps/metrics/catalogue';
import { ownMetrics } from '../steps/metrics/ownership';
import { prefixMatch, prefixScope, scopesToTry } from '../steps/metrics/scope';
import { shortlistCatalogue } from '../steps/metrics/shortlist';
import { serviceKind } from '../steps/knowledge/service-kind';
import type { Deps } from './runtime/deps';
import { withPulse } from './runtime/heartbeat';
import { hostMetrics } from './measure/related-metrics';

/** Series that died within it still tell what the service exports. */
export const LOOK_BACK_SECONDS = 24 * 3600;

export type MetricDeps = Pick<
  Deps,
  'prometheus' | 'prometheusServiceLabels' | 'prometheusHostLabels' | 'knowledge'
> &
  Partial<Pick<Deps, 'releaseSystem'>>;

/** The whole metric catalogue → those of the service and of its hosts that may matter, at most a few hundred. */
export function shortlistMetrics(
  deps: MetricDeps,
  { service, now }: { service: string; now: string },
): Promise<MetricShortlist> {
  return withPulse(async (signal) => {
    const end = Date.parse(now) / 1000;
    const range = { start: end - LOOK_BACK_SECONDS, end };
    const { scope, names } = await namesOfService(deps, service, range, signal);
    const metadata = await deps.prometheus.metadata(signal);
    const everything = buildCatalogue(names, metadata.data);
    const { kind } = serviceKind({ service, metrics: everything }, deps.knowledge);
    const profile = profileOf(service, deps.knowledge);
    const technology = deps.knowledge.technologies.find(({ id }) => id === kind);
    const owner = { service, kind, words: [profile?.description ?? ''] };
    // Where nothing tells the service's own, those of its hosts are no one else's.
    const own = new Set(scope.kind === 'none' ? [] : names);
    const asked = { service, own, facts: metadata.data };
    const { sides, unwatched } = await hostMetrics(deps, asked, range, signal);
    const ofHosts = new Set(sides.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
    const rest = everything.filter(({ name }) => !ofHosts.has(name));
    const shortlist = shortlistCatalogue({
      service,
      scope,
      catalogue: ownMetrics(rest, owner, deps.knowledge),
      catalogueSize: everything.length,
      groups: groupsOf(kind, deps.knowledge),
      pinned: profile?.pinned_metrics ?? [],
      words: [kind, ...(technology?.aliases ?? []), profile?.description ?? ''],
    });
    return {
      ...shortlist,
      ...(sides.length > 0 && { sides }),
      ...(unwatched.length > 0 && { unwatched }),
    };
  });
}

/** The configured labels in order, then the service's name as a prefix of metric names, then everyone's metrics. */
async function namesOfService(
  { prometheus, prometheusServiceLabels }: MetricDeps,
  service: string,
  range: { start: number; end: number },
  signal: AbortSignal | undefined,
): Promise<{ scope: MetricScope; names: string[] }> {
  for (const { scope, match } of scopesToTry(service, prometheusServiceLabels)) {
    const { data } = await prometheus.metricNames([match], signal, range);
    if (data.length > 0) return { scope, names: data };
  }
  const prefixed = await prometheus.metricNames([prefixMatch(service)], signal, range);
  if (prefixed.data.length > 0) {
    return { scope: prefixScope(service, prefixed.data), names: prefixed.data };
  }
  const all = await prometheus.metricNames([], signal, range);
  return { scope: { kind: 'none' }, names: all.data };
}
