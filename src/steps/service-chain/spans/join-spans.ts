import type { ChainNode } from '../../../domain/service-chain';
import type { Span } from '../../../domain/topology/span';
import type { Call, Exchange, Place, Step } from '../call';
import { callOf, type SpanCall } from './call-from-spans';
import { joinTopics } from './join-topics';
import { keyOf } from '../key-of';
import { indexSpans, type SpanIndex } from './span-index';
import { innerSteps, placeSpans } from './span-places';
import { callsToPeers } from './uninstrumented-peers';

/** What the spans of one reading show. */
export type JoinedSpans = {
  calls: Call[];
  nodes: ChainNode[];
  /** What caused what, the steps within a service included. */
  steps: Step[];
  exchanges: Exchange[];
  /** Spans that name a parent which was not found. */
  orphans: number;
  spans: number;
};

/**
 * Joins spans into calls, over the spans of all readings: a trace can be written in several schemas. A span whose parent
 * is of another service was called by it; a span link and a shared topic are asynchronous calls; a client span that no
 * span answers is a call to its peer. A call belongs to the reading that has the callee's span.
 */
export function joinSpans(readings: readonly (readonly Span[])[]): JoinedSpans[] {
  const index = indexSpans(readings);
  const all = index.readings.flat();
  const parented = all.flatMap((span) => parentCall(span, index));
  const linked = all.flatMap((span) => linkCalls(span, index));
  const onTopics = joinTopics(index, [...parented, ...linked]);
  const answered = [...parented, ...linked, ...onTopics.calls];
  const toPeers = callsToPeers(index, answered);
  const counted = [...oncePerClientSpan(parented), ...linked, ...onTopics.calls, ...toPeers.calls];
  const places = placeSpans(index);
  const placeOf = (span: Span): Place => places.get(span) ?? { service: span.service };
  const readingOf = new Map(index.readings.flatMap((spans, at) => spans.map((s) => [s, at])));
  const own = (at: number) => (call: SpanCall) => readingOf.get(call.into ?? call.by) === at;
  return index.readings.map((spans, at): JoinedSpans => {
    const causes = [...parented, ...linked, ...toPeers.calls].filter(own(at));
    return {
      calls: counted.filter(own(at)).map(({ call }) => call),
      nodes: [...serviceNodes(spans), ...toPeers.nodes],
      steps: [...causes.map((each) => stepOf(each, placeOf)), ...innerSteps(spans, index, placeOf)],
      exchanges: onTopics.exchanges
        .filter(({ readers: [first] }) => first !== undefined && readingOf.get(first) === at)
        .map(({ writers, readers }) => ({
          writers: writers.map(placeOf),
          readers: readers.map(placeOf),
        })),
      orphans: spans.filter((s) => s.parent !== null && index.parentOf(s) === undefined).length,
      spans: spans.length,
    };
  });
}

const serviceNodes = (spans: readonly Span[]): ChainNode[] =>
  [...new Set(spans.map(({ service }) => service))].map((id) => ({ id, kind: 'service' }));

const stepOf = ({ call, by, into }: SpanCall, placeOf: (span: Span) => Place): Step => ({
  from: placeOf(by),
  to: into === null ? { service: call.callee } : placeOf(into),
});

function parentCall(span: Span, index: SpanIndex): SpanCall[] {
  const parent = index.parentOf(span);
  if (parent === undefined || parent.service === span.service) return [];
  const via = span.kind === 'consumer' || parent.kind === 'producer' ? 'async' : 'sync';
  // Either side can see a failure that the other does not: a refused connection, an answer that came too late.
  return [callOf(parent, span, via, span.failed || parent.failed)];
}

function linkCalls(span: Span, index: SpanIndex): SpanCall[] {
  return span.links.flatMap((link) => {
    const source = index.byId(link.trace, link.id)[0];
    if (source === undefined || source.service === span.service) return [];
    // Some libraries write the parent a second time as a link: one call.
    if (index.parentOf(span)?.service === source.service) return [];
    return [callOf(source, span, 'link', span.failed)];
  });
}

/** A client span is one call, however many spans of the callee hang under it (its server span may be missing). */
function oncePerClientSpan(all: readonly SpanCall[]): SpanCall[] {
  const first = new Map<string, SpanCall>();
  const others: SpanCall[] = [];
  for (const made of all) {
    const { by, call } = made;
    const key = keyOf(by.trace, by.id, call.caller, call.callee);
    const seen = first.get(key);
    if (by.kind !== 'client') others.push(made);
    else if (seen === undefined) first.set(key, made);
    else first.set(key, { ...seen, call: both(seen.call, call) });
  }
  return [...first.values(), ...others];
}

/** The same whichever of the two came first: the call is synchronous if either of the two is. */
const both = (seen: Call, call: Call): Call => ({
  ...seen,
  via: call.via === 'sync' ? 'sync' : seen.via,
  failed: seen.failed || call.failed,
});
