import { parser } from '@prometheus-io/lezer-promql';
import type { RuleScope } from '../../domain/metrics';
import { escapeRegex } from '../text/escape-regex';

/** Names that need no quotes in any version of Prometheus; others are written as a `__name__` matcher. */
const CLASSIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const CLASSIC_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Any text → a PromQL string literal that means exactly it. */
export function quote(text: string): string {
  const escaped = text
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r');
  return `"${escaped}"`;
}

export const equals = (label: string, value: string): string => `${label}=${quote(value)}`;

export const isLabelName = (label: string): boolean => CLASSIC_LABEL.test(label);

/** The instant selector of one metric with matchers as `code=~"5.."`. */
export function selector(name: string, matchers: readonly string[] = []): string {
  if (!CLASSIC_NAME.test(name)) return `{${[equals('__name__', name), ...matchers].join(',')}}`;
  return matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`;
}

/** The matchers that narrow a metric to the service or its hosts; names already narrow a scope by prefix. */
export function scopeMatchers(scope: RuleScope): string[] {
  switch (scope.kind) {
    case 'label':
      return [equals(scope.label, scope.value)];
    case 'hosts':
      return [hostsMatcher(scope.label, scope.hosts)].filter((matcher) => matcher !== undefined);
    case 'prefix':
    case 'none':
      return [];
  }
}

/**
 * A matcher for hosts: their names as they are, with a port (`instance`) or with a domain behind them.
 * Undefined for an invalid label, and without hosts, which would match everything.
 */
export function hostsMatcher(label: string, hosts: readonly string[]): string | undefined {
  if (!isLabelName(label) || hosts.length === 0) return undefined;
  const [only] = hosts;
  if (hosts.length === 1 && only !== undefined && /^[^:]+:\d+$/.test(only))
    return equals(label, only);
  // An IPv6 address is in brackets before a port.
  const forms = hosts.flatMap((host) => (/:.*:/.test(host) ? [host, `[${host}]`] : [host]));
  const names = [...new Set(forms)].map(escapeRegex).join('|');
  return `${label}=~${quote(`(?:${names})(?:\\..+)?(?::\\d+)?`)}`;
}

/** Whether the whole expression is valid PromQL. */
export function parses(expr: string): boolean {
  if (expr.trim() === '') return false;
  let valid = true;
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) valid = false;
    },
  });
  return valid;
}
