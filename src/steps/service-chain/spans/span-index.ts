import type { Span } from '../../../domain/topology/span';
import { keyOf } from '../key-of';

export type SpanIndex = {
  /** The spans of each reading; a span that several readings have is in the first of them only. */
  readings: Span[][];
  byId(trace: string, id: string): readonly Span[];
  parentOf(span: Span): Span | undefined;
};

/** Two halves of a call can share an id (Zipkin); more spans with the same id are broken, and would make look-ups slow. */
const MAX_SAME_ID = 16;

/** A span that links to more is a batch; half of OpenTelemetry's own limit shows its callers. */
const MAX_LINKS = 64;

/** Removes duplicates (a retried bulk request writes documents twice) and finds the parents over all readings. */
export function indexSpans(readings: readonly (readonly Span[])[]): SpanIndex {
  const unique = new Map<string, Span>();
  const kept = readings.map((spans) => newIn(spans, unique));
  const ids = new Map<string, Span[]>();
  for (const span of kept.flat()) {
    const key = idOf(span.trace, span.id);
    const same = ids.get(key);
    if (same === undefined) ids.set(key, [span]);
    else if (same.length < MAX_SAME_ID) same.push(span);
  }
  const byId = (trace: string, id: string): readonly Span[] => ids.get(idOf(trace, id)) ?? [];
  const parents = new Map(kept.flat().map((span) => [span, parentAmong(span, byId)]));
  return { readings: kept, byId, parentOf: (span) => parents.get(span) };
}

/** The last document of each span that no earlier reading has. */
function newIn(spans: readonly Span[], unique: Map<string, Span>): Span[] {
  const own = new Map<string, Span>();
  for (const span of spans) {
    const key = keyOf(traceKey(span.trace), span.id, span.service, span.kind);
    if (unique.has(key)) continue;
    const { links } = span;
    own.set(key, links.length > MAX_LINKS ? { ...span, links: links.slice(0, MAX_LINKS) } : span);
  }
  for (const [key, span] of own) unique.set(key, span);
  return [...own.values()];
}

/** A trace of 64 bits that a library extended to 128 bits keeps its id in the last 16 digits. */
const traceKey = (trace: string): string => (trace.length === 32 ? trace.slice(16) : trace);
const idOf = (trace: string, id: string): string => keyOf(traceKey(trace), id);

/** Zipkin writes both halves of a call under one id: the client's half is the parent of the server's, which is the parent of what follows. */
function parentAmong(span: Span, byId: SpanIndex['byId']): Span | undefined {
  if (span.shared || span.kind === 'server') {
    const client = byId(span.trace, span.id).find(({ kind }) => kind === 'client');
    if (client !== undefined) return client;
  }
  if (span.parent === null) return undefined;
  const candidates = byId(span.trace, span.parent)
    .filter((parent) => parent !== span)
    // Without its client's half, a server's half names what is above that: a client span there called another service.
    .filter(({ kind }) => !span.shared || kind !== 'client');
  return (
    candidates.find(({ service, kind }) => service === span.service && kind === 'server') ??
    candidates.find(({ service }) => service === span.service) ??
    candidates.find(({ kind }) => kind === 'server' || kind === 'consumer') ??
    candidates[0]
  );
}
