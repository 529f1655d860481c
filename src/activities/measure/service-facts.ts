import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { CatalogueMetric } from '../../domain/metrics';
import type { PastRelease } from '../../domain/release-history';
import { profileOf } from '../../steps/knowledge/lookup';
import { lessonsOf } from '../../steps/outcomes/past-release';
import { buildCatalogue } from '../../steps/metrics/metric-catalogue';
import { scopesToTry } from '../../steps/metrics/metric-scope';
import type { Deps } from '../runtime/activity-deps';

/** Most issues of one service that are read; revisions of one candidate count as one release. */
const MAX_ISSUES = 50;
export const LOOK_BACK_SECONDS = 24 * 3600;
/** Time limit for facts that only help to choose a policy. */
const SOON_MS = 5_000;

/** A value, or why it could not be read. Missing facts do not block a release. */
export type Gathered<Facts> = { facts: Facts; missing?: string };

/** Most outcomes that are read: older releases say little about the next. */
const MAX_OUTCOMES = 20;

/**
 * Earlier releases of the service from its recorded issues, the newest first, with how they went where an executor has
 * reported it; null when the store cannot be read. Of one candidate the newest revision counts that has an outcome.
 */
export async function readPastReleases(
  { issueStore }: Pick<Deps, 'issueStore'>,
  service: string,
): Promise<Gathered<PastRelease[] | null>> {
  try {
    const issues = await issueStore.list({ service, limit: MAX_ISSUES });
    const releases = new Map<string, PastRelease>();
    let missing: string | undefined;
    const outcomes = await Promise.all(
      issues.slice(0, MAX_OUTCOMES).map(({ issue_id: id }) =>
        issueStore.outcome(id).catch((error: unknown) => {
          // One that is damaged or forged must not hide the others.
          if (!(error instanceof UpstreamError) || !error.permanent) throw error;
          missing = error.message;
          return null;
        }),
      ),
    );
    issues.forEach(({ candidate, issue_id, revision, created_at, warnings }, index) => {
      const outcome = outcomes[index] ?? null;
      const known = releases.get(candidate);
      const isNewer = known === undefined || known.revision < revision;
      if (!isNewer && (outcome === null || known.outcome !== undefined)) return;
      const newest = isNewer ? { issue_id, candidate, revision, created_at, warnings } : known;
      releases.set(candidate, { ...newest, ...(outcome !== null && lessonsOf(outcome)) });
    });
    return { facts: [...releases.values()], ...(missing !== undefined && { missing }) };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { facts: null, missing: error.message };
  }
}

/** The service's own metrics by name, which show its kind; not read if its profile gives the kind. */
export async function readOwnMetrics(
  {
    prometheus,
    prometheusServiceLabels,
    knowledge,
  }: Pick<Deps, 'prometheus' | 'prometheusServiceLabels' | 'knowledge'>,
  { service, now }: { service: string; now: number },
  signal: AbortSignal | undefined,
): Promise<Gathered<CatalogueMetric[]>> {
  if (profileOf(service, knowledge) !== undefined) return { facts: [] };
  const range = { start: now - LOOK_BACK_SECONDS, end: now };
  try {
    for (const { match } of scopesToTry(service, prometheusServiceLabels)) {
      const { data } = await prometheus.metricNames([match], signal, range);
      if (data.length > 0) return { facts: buildCatalogue(data, {}) };
    }
    return { facts: [] };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { facts: [], missing: error.message };
  }
}

/** The same, read in parallel with other work; none if Prometheus is down or takes more than 5 s. */
export async function readOwnMetricsSoon(
  deps: Pick<Deps, 'prometheus' | 'prometheusServiceLabels' | 'knowledge'>,
  service: string,
  signal: AbortSignal | undefined,
): Promise<CatalogueMetric[]> {
  const soon = AbortSignal.timeout(SOON_MS);
  const either = signal === undefined ? soon : AbortSignal.any([signal, soon]);
  try {
    return (await readOwnMetrics(deps, { service, now: Date.now() / 1000 }, either)).facts;
  } catch (error) {
    if (signal?.aborted || !soon.aborted) throw error;
    return [];
  }
}
