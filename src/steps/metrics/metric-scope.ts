import type { MetricScope } from '../../domain/metrics';
import { equals, isLabelName, quote } from '../rules/promql';
import { escapeRegex } from '../text/escape-regex';

/** `match[]` selectors to try, in order, for the series of a service; invalid label names are left out. */
export function scopesToTry(
  service: string,
  labels: readonly string[],
): { scope: MetricScope; match: string }[] {
  return labels.filter(isLabelName).map((label) => ({
    scope: { kind: 'label', label, value: service },
    match: `{${equals(label, service)}}`,
  }));
}

/** Prefixes that exporters make from a service's name: unchanged, or with illegal characters as `_`. */
export function prefixesOf(service: string): string[] {
  const legal = service.replace(/[^a-zA-Z0-9_:]/g, '_');
  return [...new Set([`${service}_`, `${service}-`, `${service}.`, `${legal}_`])];
}

export const prefixMatch = (service: string): string =>
  `{__name__=~${quote(`(?:${prefixesOf(service).map(escapeRegex).join('|')}).*`)}}`;

/** The prefix that most of the names carry. */
export function prefixScope(service: string, names: readonly string[]): MetricScope {
  const counted = prefixesOf(service)
    .map((prefix) => ({ prefix, count: names.filter((name) => name.startsWith(prefix)).length }))
    .sort((a, b) => b.count - a.count);
  const [best] = counted;
  return best && best.count > 0 ? { kind: 'prefix', prefix: best.prefix } : { kind: 'none' };
}
