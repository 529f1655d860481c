import type { Reading } from '../../../domain/topology/reading';
import type { Call } from '../call';

type SpanReading = Reading & { kind: 'spans' };

/**
 * How many calls of the whole traffic one call of the reading stands for. A sampled trace stands for `total / sampled`
 * traces. A trace that links led to was more likely to be read the more sampled traces lead to it: a batch that takes
 * messages of a hundred traces is read whichever of them were sampled, so that its calls count once.
 */
export function callWeights(reading: SpanReading): (call: Call) => number {
  const { sampled, total } = reading.traces;
  const scale = sampled > 0 ? Math.max(1, total / sampled) : 1;
  const { sample } = reading;
  if (sample === undefined || scale === 1) return () => scale;
  const ofSample = new Set(sample);
  const linked = linkedTraces(reading, ofSample);
  const share = 1 / scale;
  const weight = (trace: string): number => {
    if (ofSample.has(trace)) return scale;
    const chances = linked.get(trace);
    // Found by a topic or by further links: how many lead there is not known, so that the count is a lower bound.
    return chances === undefined ? 1 : 1 / (1 - (1 - share) ** chances);
  };
  return ({ traces = [] }) => (traces.length === 0 ? scale : Math.max(...traces.map(weight)));
}

/** Trace outside of the sample → how many traces of the whole traffic lead to it. */
function linkedTraces(
  { spans, traces: { sampled, total } }: SpanReading,
  ofSample: ReadonlySet<string>,
): Map<string, number> {
  const into = new Map<string, Set<string>>();
  const from = new Map<string, Set<string>>();
  for (const { trace, links } of spans) {
    for (const link of links) {
      if (link.trace === trace) continue;
      if (!ofSample.has(trace)) add(into, trace, link.trace);
      else if (!ofSample.has(link.trace)) add(from, link.trace, trace);
    }
  }
  const chances = new Map<string, number>();
  // Of one sampled trace alone that links to it, most likely no other does.
  for (const [trace, of] of from)
    chances.set(trace, of.size === 1 ? 1 : (of.size * total) / sampled);
  for (const [trace, of] of into)
    if ([...of].some((each) => ofSample.has(each))) chances.set(trace, of.size);
  return chances;
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value));
}
