import type { Span } from '../../../domain/topology/span';
import type { Place, Step } from '../call';
import type { SpanIndex } from './span-index';

/**
 * Each span's place: a span shares the place of its parent where both are of one service. A span that a message or a
 * link can lead into has a place of its own, since what caused it did not cause the rest of its parent's work.
 */
export function placeSpans(index: SpanIndex): Map<Span, Place> {
  const places = new Map<Span, Place>();
  for (const span of index.readings.flat()) {
    const path = new Set<Span>();
    let top: Span | undefined = span;
    // Parents of broken traces can go round in a circle.
    while (top !== undefined && !places.has(top) && !path.has(top)) {
      path.add(top);
      top = sharedParent(top, index);
    }
    const first = [...path].at(-1) ?? span;
    const place = (top && places.get(top)) ?? placeOf(first);
    for (const each of path) places.set(each, place);
  }
  return places;
}

const placeOf = ({ service, trace, id }: Span): Place => ({ service, trace, span: id });

function sharedParent(span: Span, index: SpanIndex): Span | undefined {
  if (span.kind === 'consumer' || span.links.length > 0) return undefined;
  const parent = index.parentOf(span);
  return parent?.service === span.service ? parent : undefined;
}

/**
 * Steps from parents to children and along links that are no calls: both ends are of one service, or the link leads from
 * the service that the parent is of, whose call is counted once but whose other work caused this span, too.
 */
export function innerSteps(
  spans: readonly Span[],
  index: SpanIndex,
  placeOf: (span: Span) => Place,
): Step[] {
  return spans.flatMap((span) => {
    const parent = index.parentOf(span);
    const linked = span.links.flatMap(({ trace, id }) => index.byId(trace, id)[0] ?? []);
    const causes = [
      ...(parent?.service === span.service ? [parent] : []),
      ...linked.filter(({ service }) => service === span.service || service === parent?.service),
    ];
    return causes
      .map((cause) => ({ from: placeOf(cause), to: placeOf(span) }))
      .filter(({ from, to }) => from !== to);
  });
}
