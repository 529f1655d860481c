import type { Reading } from '../../../domain/topology/reading';
import type { Span } from '../../../domain/topology/span';
import { isProxyName } from '../../knowledge/proxy-names';
import { indexSpans, type SpanIndex } from './span-index';

/**
 * Gives the spans of sidecars to the service that they stand beside: hops and calls count services. A sidecar shows by
 * its name (`orders.default`, `orders-envoy` beside `orders`; `istio-proxy` beside anyone) and
 * by its shape: a server span right above a server span of the service, or a client span right below its client span.
 * A gateway, which calls and is called, stays a service. Spans under a name that stands beside anyone, of which the
 * service was lost, are nobody's: what they led to is left to what caused them.
 */
export function foldSidecars(
  readings: readonly (readonly Span[])[],
  service: string,
): (readonly Span[])[] {
  const index = indexSpans(readings);
  const beside = ownersOf(index, service);
  if (beside.size === 0) return [...readings];
  const folded = new Map<string, string>();
  const anyones = new Set<string>();
  for (const [span, owner] of beside) {
    if (isNamedAfter(span.service, owner)) folded.set(span.service, owner);
    else anyones.add(span.service);
  }
  const ownerOf = (span: Span) => folded.get(span.service) ?? beside.get(span);
  const isNobodys = (span: Span) => anyones.has(span.service) && ownerOf(span) === undefined;
  return index.readings.map((spans) =>
    spans
      .filter((span) => !isNobodys(span))
      .map((span) => {
        const service = ownerOf(span) ?? span.service;
        const parent = parentPast(span, index, isNobodys);
        return service === span.service && parent === span.parent
          ? span
          : { ...span, service, parent };
      }),
  );
}

/** The same in the readings that have spans. */
export function foldReadings(readings: readonly Reading[], service: string): Reading[] {
  const spans = readings.map((reading) => (reading.kind === 'spans' ? reading.spans : []));
  const folded = foldSidecars(spans, service);
  return readings.map((reading, at) =>
    reading.kind === 'spans' ? { ...reading, spans: [...(folded[at] ?? [])] } : reading,
  );
}

/** More proxies than these follow no other. */
const MAX_PROXIES = 8;

function parentPast(span: Span, index: SpanIndex, isNobodys: (span: Span) => boolean) {
  let { parent } = span;
  let above = index.parentOf(span);
  for (let n = 0; above !== undefined && n < MAX_PROXIES && isNobodys(above); n += 1) {
    parent = above.parent;
    above = index.parentOf(above);
  }
  return parent;
}

/** Spans of sidecars → the service beside them. */
function ownersOf(index: SpanIndex, service: string): Map<Span, string> {
  const owners = new Map<Span, string>();
  for (const span of index.readings.flat()) {
    const parent = index.parentOf(span);
    if (parent === undefined || parent.service === span.service || parent.kind !== span.kind)
      continue;
    if (span.kind === 'server' && isSidecar(parent, span.service)) owners.set(parent, span.service);
    if (span.kind === 'client' && isSidecar(span, parent.service)) owners.set(span, parent.service);
  }
  for (const span of owners.keys()) if (span.service === service) owners.delete(span);
  return owners;
}

const isSidecar = (span: Span, owner: string): boolean =>
  isNamedAfter(span.service, owner) || isProxyName(span.service);

/** `orders.default`, `orders.prod.svc.cluster.local`, `orders-envoy`, `envoy-orders`; never `orders-v2`. */
function isNamedAfter(name: string, owner: string): boolean {
  if (name.startsWith(`${owner}.`)) return true;
  if (name.startsWith(`${owner}-`)) return isProxyName(name.slice(owner.length + 1));
  return name.endsWith(`-${owner}`) && isProxyName(name.slice(0, -owner.length - 1));
}
