import type { ChainNode } from '../../domain/service-chain';
import type { Call } from '../../domain/topology/reading';
import { indexSpans, keyOf, type SpanIndex } from './span-index';
import type { Span } from '../../domain/topology/span';
import { joinTopics } from './join-topics';
import { callOf, type Made } from './call-from-spans';
import { resolveUnanswered } from './uninstrumented-peers';

export type Joined = {
  calls: Call[];
  nodes: ChainNode[];
  /** Spans that name a parent which was not found. */
  orphans: number;
  spans: number;
};

/**
 * Joins spans into calls: a span whose parent is of another service was called by it; a span link and a shared topic
 * are asynchronous calls; a client span that nobody answered is resolved by its peer or stays `unresolved`.
 */
export function joinSpans(spans: readonly Span[]): Joined {
  const index = indexSpans(spans);
  const parented = index.spans.flatMap((span) => parentCall(span, index));
  const linked = index.spans.flatMap((span) => linkCalls(span, index));
  const made = [...oncePerClientSpan(parented), ...linked];
  const all = [...made, ...joinTopics(index.spans, made)];
  const unanswered = resolveUnanswered(index.spans, all);
  const services = [...new Set(index.spans.map(({ service }) => service))];
  return {
    calls: [...all, ...unanswered.calls].map(({ call }) => call),
    nodes: [...services.map((id): ChainNode => ({ id, kind: 'service' })), ...unanswered.nodes],
    orphans: index.spans.filter(
      (span) => span.parent !== null && index.parentOf(span) === undefined,
    ).length,
    spans: index.spans.length,
  };
}

function parentCall(span: Span, index: SpanIndex): Made[] {
  const parent = index.parentOf(span);
  if (parent === undefined || parent.service === span.service) return [];
  const via = span.kind === 'consumer' || parent.kind === 'producer' ? 'async' : 'sync';
  // Either side can see a failure that the other does not: a refused connection, an answer that came too late.
  return [callOf(parent, span, via, span.failed || parent.failed)];
}

function linkCalls(span: Span, index: SpanIndex): Made[] {
  return span.links.flatMap((link) => {
    const source = index.byId(link.trace, link.id)[0];
    if (source === undefined || source.service === span.service) return [];
    // Some libraries write the parent a second time as a link: one call.
    if (index.parentOf(span)?.service === source.service) return [];
    return [callOf(source, span, 'link', span.failed)];
  });
}

/** The same whichever of the two came first: an answer is waited for if any of them is. */
const both = (seen: Call, call: Call): Call => ({
  ...seen,
  via: call.via === 'sync' ? 'sync' : seen.via,
  failed: seen.failed || call.failed,
});

/** A client span is one call, however many spans of the callee hang under it (its server span may be missing). */
function oncePerClientSpan(all: readonly Made[]): Made[] {
  const first = new Map<string, Made>();
  const others: Made[] = [];
  for (const made of all) {
    const { by, call } = made;
    const key = keyOf(by.trace, by.id, call.caller, call.callee);
    const seen = first.get(key);
    if (by.kind !== 'client') others.push(made);
    else if (seen === undefined) first.set(key, made);
    else first.set(key, { by, call: both(seen.call, call) });
  }
  return [...first.values(), ...others];
}
