import { equals } from '../rules/promql';
import { withDistance } from '../text/similar-names';
import { prefixesOf } from './metric-scope';

/** What was looked for when no series in Prometheus is known to be the service's own. */
export type UnknownService = {
  service: string;
  /** The labels that were tried, in order. */
  labels: string[];
  /** Values of these labels that resemble the name of the service, the most similar first. */
  near: { label: string; value: string }[];
};

/** The label values that Prometheus has, by label. */
export type LabelValues = { label: string; values: readonly string[] };

const MAX_NEAR = 3;

/** What to report of a service without series of its own. */
export function unknownService(service: string, known: readonly LabelValues[]): UnknownService {
  const near = known
    .flatMap(({ label, values }) =>
      withDistance(service, values).map((found) => ({ label, ...found })),
    )
    .sort((a, b) => a.off - b.off || (a.value < b.value ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map(({ label, value }) => ({ label, value }));
  return { service, labels: known.map(({ label }) => label), near };
}

/** What was looked for, what resembles it, and how to go on. */
export function unknownServiceMessage({ service, labels, near }: UnknownService): string {
  const tried = labels.length > 0 ? `tried the labels ${labels.join(', ')}` : 'no label to try';
  const prefix = prefixesOf(service).at(-1) ?? '';
  const alike = near.map(({ label, value }) => equals(label, value));
  return [
    `Prometheus has no series of the service ${JSON.stringify(service)} (${tried}) and no metric whose name starts with ${prefix}.`,
    ...(alike.length > 0 ? [`Similar: ${alike.join(', ')}.`] : []),
    'Set PROMETHEUS_SERVICE_LABELS to the label that names your services, check the name, or list metrics of the service',
    'under pinned_metrics in its profile. To prepare the release without metrics, allow an unknown service',
    '(--allow-unknown-service, or allow_unknown_service: true in the request).',
  ].join(' ');
}
