/** SANDBOX: what is wrong with a candidate, and on which hosts at which time; it follows from what was deployed. */
import type { Accepted } from './host-changes';

/** `memory` is leaked, `connections` are not given back, `crash`: the process does not answer. */
export type FaultKind = 'latency' | 'errors' | 'memory' | 'cpu' | 'connections' | 'crash';

export type Fault = {
  kind: FaultKind | undefined;
  /** Whether a host is at fault at a time, in Unix seconds. */
  holds(host: string, at: number): boolean;
  /** For how many seconds it was, until then. */
  secondsUntil(host: string, at: number): number;
};

export const NO_FAULT: Fault = { kind: undefined, holds: () => false, secondsUntil: () => 0 };

/** Fewer hosts of the candidate do not show it, as with a pool that all of them share. */
const SHOWS_ON_HOSTS = 3;

type Candidate = {
  version: string;
  /** All that was done to hosts so far, in order. */
  changes: () => readonly Accepted[];
};

/** The fault of a candidate. Another version ends it; a mitigation ends it too where `memory` is leaked. */
export function faultOf(kind: FaultKind, { version, changes }: Candidate): Fault {
  let known = { count: -1, spans: new Map<string, Span[]>() };
  const spansOf = (host: string): readonly Span[] => {
    const all = changes();
    if (known.count !== all.length)
      known = { count: all.length, spans: faultSpans(kind, version, all) };
    return known.spans.get(host) ?? [];
  };
  return {
    kind,
    holds: (host, at) => spansOf(host).some(({ from, to }) => at >= from && at < to),
    secondsUntil: (host, at) =>
      spansOf(host).reduce((sum, { from, to }) => sum + Math.max(0, Math.min(at, to) - from), 0),
  };
}

/** Unix seconds. */
type Span = { from: number; to: number };

function faultSpans(
  kind: FaultKind,
  version: string,
  changes: readonly Accepted[],
): Map<string, Span[]> {
  const spans = new Map<string, Span[]>();
  /** Hosts that run the candidate, and since when. */
  const running = new Map<string, number>();
  const open = new Map<string, Span>();
  const close = (host: string, at: number) => {
    const span = open.get(host);
    if (span !== undefined) span.to = at;
    open.delete(host);
  };
  let isMended = false;
  for (const change of changes) {
    const [began, ended] = [change.at / 1000, change.until / 1000];
    if (change.kind === 'mitigation') {
      if (kind !== 'memory') continue;
      isMended = true;
      for (const host of [...open.keys()]) close(host, ended);
      continue;
    }
    for (const host of change.host_ids) {
      if (change.version === version) running.set(host, ended);
      else {
        running.delete(host);
        close(host, began);
      }
    }
    if (isMended || running.size < SHOWS_ON_HOSTS) continue;
    for (const host of running.keys()) {
      if (open.has(host)) continue;
      const span = { from: ended, to: Infinity };
      open.set(host, span);
      spans.set(host, [...(spans.get(host) ?? []), span]);
    }
  }
  return spans;
}
