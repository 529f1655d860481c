import type { ChainNote } from '../../../domain/service-chain';
import type { Span } from '../../../domain/topology/span';
import { indexSpans } from './span-index';

/** Clocks of a fleet differ by less; more is a wrong time zone or a wrong unit. */
const MAX_SKEW_MS = 15 * 60_000;
/** More names than these explain nothing. */
const MAX_NAMED = 5;

/** What SDKs write where nobody named the service: `unknown_service`, `unknown_service:node`. */
const isUnnamed = (service: string): boolean => /^unknown_service(?::|$)/.test(service);

/** What the spans themselves show about how far they can be trusted. */
export function spanNotes(readings: readonly (readonly Span[])[]): ChainNote[] {
  return [...unnamedNotes(readings.flat()), ...clockNotes(readings)];
}

function unnamedNotes(spans: readonly Span[]): ChainNote[] {
  const names = [...new Set(spans.map(({ service }) => service).filter(isUnnamed))].sort();
  if (names.length === 0) return [];
  const detail = `${named(names)} is what is written where a service has no name: several services can be behind it; set OTEL_SERVICE_NAME there`;
  return [{ reason: 'names', detail }];
}

/** Services whose calls begin long before, or long after, the call that caused them. */
function clockNotes(readings: readonly (readonly Span[])[]): ChainNote[] {
  const index = indexSpans(readings);
  const worst = new Map<string, number>();
  for (const span of index.readings.flat()) {
    const parent = index.parentOf(span);
    // A message can lie in its queue for hours, and a span of the same service has the same clock.
    if (parent === undefined || parent.service === span.service || span.kind === 'consumer')
      continue;
    if (parent.kind === 'producer' || span.start === null || parent.start === null) continue;
    const skew = span.start - parent.start;
    if (Math.abs(skew) > MAX_SKEW_MS && Math.abs(skew) > Math.abs(worst.get(span.service) ?? 0))
      worst.set(span.service, skew);
  }
  const services = [...worst].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return services.slice(0, MAX_NAMED).map(([service, skew]) => ({
    reason: 'clock-skew',
    detail: `spans of ${service} begin ${duration(Math.abs(skew))} ${skew > 0 ? 'after' : 'before'} the calls that caused them: its clock or time zone is wrong, and what lies outside of the window is missing`,
  }));
}

const duration = (ms: number): string =>
  ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 360_000) / 10} h`;

const named = (names: readonly string[]): string =>
  names.length > MAX_NAMED
    ? `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`
    : names.join(', ');
