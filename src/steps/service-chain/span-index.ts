import type { Span } from '../../domain/topology/span';

export type SpanIndex = {
  /** Each span once. */
  spans: Span[];
  byId(trace: string, id: string): readonly Span[];
  parentOf(span: Span): Span | undefined;
};

export const keyOf = (...parts: string[]): string => JSON.stringify(parts);

/** Removes duplicates (a retried bulk request writes documents twice) and finds parents. */
export function indexSpans(all: readonly Span[]): SpanIndex {
  const unique = new Map(
    all.map((span) => [keyOf(span.trace, span.id, span.service, span.kind), span]),
  );
  const spans = [...unique.values()];
  const ids = new Map<string, Span[]>();
  for (const span of spans) {
    const key = keyOf(span.trace, span.id);
    const same = ids.get(key);
    if (same === undefined) ids.set(key, [span]);
    else same.push(span);
  }
  const byId = (trace: string, id: string): readonly Span[] => ids.get(keyOf(trace, id)) ?? [];
  return { spans, byId, parentOf: (span) => parentAmong(span, byId) };
}

/** Zipkin writes both halves of a call under one id: the client's half is the parent of the server's, which is the parent of what follows. */
function parentAmong(span: Span, byId: SpanIndex['byId']): Span | undefined {
  if (span.shared || span.kind === 'server') {
    const client = byId(span.trace, span.id).find(({ kind }) => kind === 'client');
    if (client !== undefined) return client;
  }
  if (span.parent === null) return undefined;
  const candidates = byId(span.trace, span.parent).filter((parent) => parent !== span);
  return (
    candidates.find(({ service, kind }) => service === span.service && kind === 'server') ??
    candidates.find(({ service }) => service === span.service) ??
    candidates.find(({ kind }) => kind === 'server' || kind === 'consumer') ??
    candidates[0]
  );
}
