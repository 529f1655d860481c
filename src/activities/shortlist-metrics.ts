import { ApplicationFailure } from '@temporalio/common';
import { UpstreamError } from '../adapters/upstream/upstream-error';
import type { MetricScope, MetricShortlist } from '../domain/metrics';
import { FAILURE } from '../domain/names';
import { groupsOf } from '../steps/knowledge/metric-groups';
import { profileOf } from '../steps/knowledge/lookup';
import { buildCatalogue } from '../steps/metrics/metric-catalogue';
import { isTellingPrefix, ownMetrics } from '../steps/metrics/metric-ownership';
import { prefixMatch, prefixScope, scopesToTry } from '../steps/metrics/metric-scope';
import { shortlistCatalogue } from '../steps/metrics/shortlist';
import {
  unknownService,
  unknownServiceMessage,
  type LabelValues,
} from '../steps/metrics/unknown-service';
import { isLabelName, quote } from '../steps/rules/promql';
import { escapeRegex } from '../steps/text/escape-regex';
import { serviceKind } from '../steps/knowledge/service-kind';
import type { Deps } from './runtime/activity-deps';
import { withHeartbeat } from './runtime/heartbeat';
import { hostMetrics } from './measure/read-related-metrics';

/** Series that ended within this time still show what the service exports. */
export const LOOK_BACK_SECONDS = 24 * 3600;

export type MetricDeps = Pick<
  Deps,
  'prometheus' | 'prometheusServiceLabels' | 'prometheusHostLabels' | 'knowledge'
> &
  Partial<Pick<Deps, 'releaseSystem'>>;

export type ShortlistMetricsArgs = {
  service: string;
  /** RFC 3339. */
  now: string;
  /** Without it, a service that has no series of its own fails with `ServiceNotInMetrics`. */
  allow_unknown_service?: boolean;
};

/**
 * The whole metric catalogue → the relevant metrics of the service and its hosts, at most a few hundred. Never the
 * metrics of other services: a service without its own series has none.
 */
export function shortlistMetrics(
  deps: MetricDeps,
  { service, now, allow_unknown_service: allowUnknown = false }: ShortlistMetricsArgs,
): Promise<MetricShortlist> {
  return withHeartbeat(async (signal) => {
    const end = Date.parse(now) / 1000;
    const range = { start: end - LOOK_BACK_SECONDS, end };
    const found = await namesOfService(deps, service, range, signal);
    if (found === undefined && !allowUnknown)
      throw await notInMetrics(deps, service, range, signal);
    const { scope, names } = found ?? { scope: { kind: 'none' as const }, names: [] };
    const metadata = await deps.prometheus.metadata(signal);
    const everything = buildCatalogue(names, metadata.data);
    const { kind } = serviceKind({ service, metrics: everything }, deps.knowledge);
    const profile = profileOf(service, deps.knowledge);
    const technology = deps.knowledge.technologies.find(({ id }) => id === kind);
    const owner = { service, kind, words: [profile?.description ?? ''] };
    const asked = { service, own: new Set(names), facts: metadata.data };
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

type Range = { start: number; end: number };

/**
 * How the service's own metrics are found: by the first configured label that has its name, otherwise by metric names
 * that start with it, otherwise the metrics pinned by its profile. Undefined if none applies.
 */
async function namesOfService(
  { prometheus, prometheusServiceLabels, knowledge }: MetricDeps,
  service: string,
  range: Range,
  signal: AbortSignal | undefined,
): Promise<{ scope: MetricScope; names: string[] } | undefined> {
  for (const { scope, match } of scopesToTry(service, prometheusServiceLabels)) {
    const { data } = await prometheus.metricNames([match], signal, range);
    if (data.length > 0) return { scope, names: data };
  }
  if (isTellingPrefix(service, knowledge)) {
    const { data } = await prometheus.metricNames([prefixMatch(service)], signal, range);
    if (data.length > 0) return { scope: prefixScope(service, data), names: data };
  }
  const pinned = profileOf(service, knowledge)?.pinned_metrics ?? [];
  if (pinned.length === 0) return undefined;
  const { data } = await prometheus.metricNames(pinned.map(pinnedSelector), signal, range);
  return data.length > 0 ? { scope: { kind: 'none' }, names: data } : undefined;
}

/** A histogram is pinned by its family name, which is not the name of a series. */
const pinnedSelector = (name: string): string =>
  `{__name__=~${quote(`${escapeRegex(name)}(?:_bucket|_sum|_count)?`)}}`;

async function notInMetrics(
  { prometheus, prometheusServiceLabels }: MetricDeps,
  service: string,
  range: Range,
  signal: AbortSignal | undefined,
): Promise<ApplicationFailure> {
  const known: LabelValues[] = [];
  for (const label of prometheusServiceLabels.filter(isLabelName)) {
    known.push({ label, values: await valuesOf(prometheus, label, range, signal) });
  }
  const unknown = unknownService(service, known);
  return ApplicationFailure.create({
    type: FAILURE.serviceNotInMetrics,
    message: unknownServiceMessage(unknown),
    nonRetryable: true,
    details: [unknown],
  });
}

/** Empty if Prometheus refuses: similar names only make the message more helpful. */
async function valuesOf(
  prometheus: MetricDeps['prometheus'],
  label: string,
  range: Range,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  try {
    return (await prometheus.labelValues(label, signal, [], range)).data;
  } catch (error) {
    if (error instanceof UpstreamError && error.permanent) return [];
    throw error;
  }
}
