import type { LoggedCall } from './logged-calls';

/** A call that lies within another one of the same request. */
export type NestedCall = { caller: LoggedCall; callee: LoggedCall };

/** A call that begins inside another one and outlives it, or begins before the request entered. */
export type CrossingCall = { service: string; others: ReadonlySet<string> };

export type Nesting = {
  calls: NestedCall[];
  crossing: CrossingCall[];
  /** Services of calls that lie within none although the request had begun. */
  adrift: string[];
};

/**
 * Nests the calls of one request: the caller of a call is the shortest call of another service that encloses it.
 * `entry`: the service where requests enter.
 */
export function nestCalls(calls: readonly LoggedCall[], entry: string | undefined): Nesting {
  const sorted = [...calls].sort((a, b) => a.from - b.from || b.to - a.to);
  const crossings = createCrossings();
  const entered = sorted.find(({ service }) => service === entry);
  for (const call of sorted) {
    if (entered !== undefined && call.from < entered.from) crossings.add(call, entered);
  }
  const nested: NestedCall[] = [];
  const adrift: string[] = [];
  let open: LoggedCall[] = [];
  for (const callee of sorted) {
    open = open.filter(({ to }) => to > callee.from);
    let caller: LoggedCall | undefined;
    for (const other of open) {
      if (other.service === callee.service) continue;
      if (cross(other, callee)) {
        crossings.add(other, callee);
        crossings.add(callee, other);
      } else if (encloses(other, callee) && (!caller || lengthOf(other) < lengthOf(caller))) {
        caller = other;
      }
    }
    if (caller !== undefined) nested.push({ caller, callee });
    else if (callee !== sorted[0]) adrift.push(callee.service);
    open.push(callee);
  }
  return { calls: nested, crossing: crossings.all(), adrift };
}

function createCrossings() {
  const crossing = new Map<LoggedCall, { service: string; others: Set<string> }>();
  return {
    add(one: LoggedCall, other: LoggedCall): void {
      const known = crossing.get(one);
      if (known !== undefined) known.others.add(other.service);
      else crossing.set(one, { service: one.service, others: new Set([other.service]) });
    },
    all: (): CrossingCall[] => [...crossing.values()],
  };
}

/** `later` begins inside `earlier` and outlives it. */
const cross = (earlier: LoggedCall, later: LoggedCall): boolean =>
  earlier.from < later.from && earlier.to < later.to;

/** Calls of equal times show nothing about which of the two is the caller. */
const encloses = (outer: LoggedCall, inner: LoggedCall): boolean =>
  outer.from <= inner.from && inner.to <= outer.to && lengthOf(outer) > lengthOf(inner);

export const lengthOf = ({ from, to }: LoggedCall): number => to - from;
