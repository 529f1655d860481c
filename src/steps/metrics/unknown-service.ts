import { distance } from 'fastest-levenshtein';
import { equals } from '../rules/promql';
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
/** A comparison costs the product of both lengths. */
const MAX_LENGTH = 64;
const MAX_COMPARED = 5_000;

/** What to report of a service without series of its own. */
export function unknownService(service: string, known: readonly LabelValues[]): UnknownService {
  const near = known
    .flatMap(({ label, values }) =>
      values
        .slice(0, MAX_COMPARED)
        .map((value) => ({ label, value, off: farFrom(service, value) })),
    )
    .filter(({ off }) => off < Infinity)
    .sort((a, b) => a.off - b.off || (a.value < b.value ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map(({ label, value }) => ({ label, value }));
  return { service, labels: known.map(({ label }) => label), near };
}

/** Edits between two names, a name that contains the other after all near misses; Infinity when they are unlike. */
function farFrom(service: string, value: string): number {
  if (value.length > MAX_LENGTH || service.length > MAX_LENGTH) return Infinity;
  const [a, b] = [lettersOf(service), lettersOf(value)];
  if (a === '' || b === '') return Infinity;
  const edits = distance(a, b);
  if (edits <= Math.floor(Math.min(a.length, b.length) / 3)) return edits;
  return Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a))
    ? MAX_LENGTH + edits
    : Infinity;
}

const lettersOf = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

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
