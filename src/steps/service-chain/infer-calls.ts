import type { ChainNote } from '../../domain/service-chain';
import type { Call, LogEntry } from '../../domain/topology/reading';

/** One call of a service, as its own log tells it; milliseconds. */
type Interval = {
  service: string;
  from: number;
  to: number;
  failed: boolean | null;
  request: string;
};

/** A call whose interval crosses those of other services. */
type Crossing = { service: string; others: Set<string> };

/** An edge is kept from here on: a single nesting of two intervals may be chance. */
const MIN_CALLS = 2;
const MIN_SHARE_OF_CALLEE = 0.05;
/**
 * Calls nest or follow each other; intervals that cross come from clocks that disagree (or from work that outlives its
 * caller, which has no place in the tree either). Measured on the constructed topology: 0.2 % cross with true clocks,
 * and with all clocks off by up to 2 ms or more no set stayed below 2 %; a single clock that is off shows at its service.
 */
const MAX_CROSSING = 0.02;
const MAX_CROSSING_OF_SERVICE = 0.05;
/** Who mostly works while nobody waits for it is asynchronous: that some of its calls lie within another's is chance. */
const MAX_ADRIFT = 0.5;

/**
 * Who called whom, from when calls began and ended: the caller of a call is the service whose interval most tightly
 * encloses it within the same request. Asynchronous calls outlive their caller and are not found. `members`: services
 * of the same requests for which the logs do not tell who calls whom; with clocks that disagree, all of them.
 */
export function inferCalls(entries: readonly LogEntry[]): {
  calls: Call[];
  members: string[];
  notes: ChainNote[];
} {
  const services = [...new Set(entries.map(({ service }) => service))].sort();
  const requests = [...groupBy(intervalsOf(entries), ({ request }) => request).values()];
  const entry = entryOf(requests);
  const nested = requests.map((intervals) => nest(intervals, entry));
  const total = tally(requests.flat().map(({ service }) => service));
  const crossings = nested.flatMap((each) => each.crossing);
  const all = tally(crossings.map(({ service }) => service));
  if (sum(all) > MAX_CROSSING * sum(total)) {
    return { calls: [], members: services, notes: [skewNote('the services', all, total)] };
  }
  const outlasting = tally(nested.flatMap((each) => each.adrift));
  const adrift = services.filter(
    (id) => (outlasting.get(id) ?? 0) > MAX_ADRIFT * (total.get(id) ?? 0),
  );
  // That asynchronous work crosses the request that caused it says nothing of the clocks of those in the request.
  const crossing = tally(
    crossings
      .filter((each) => [...each.others].some((other) => !adrift.includes(other)))
      .map(({ service }) => service),
  );
  const doubtful = services.filter(
    (id) => (crossing.get(id) ?? 0) > MAX_CROSSING_OF_SERVICE * (total.get(id) ?? 0),
  );
  const told = ({ caller, callee }: Call): boolean =>
    !doubtful.includes(caller) && !doubtful.includes(callee) && !adrift.includes(callee);
  const kept = frequent(nested.flatMap((each) => each.calls).filter(told), total);
  const directed = new Set(kept.flatMap(({ caller, callee }) => [caller, callee]));
  return {
    calls: kept,
    members: services.filter((service) => !directed.has(service)),
    notes: doubtful.map((id) => skewNote(id, only(crossing, id), only(total, id))),
  };
}

const skewNote = (
  whose: string,
  crossing: ReadonlyMap<string, number>,
  total: ReadonlyMap<string, number>,
): ChainNote => ({
  reason: 'clock-skew',
  detail: `${sum(crossing)} of ${sum(total)} calls of ${whose} cross the time of another call: clocks disagree, or work outlives its caller; who called whom is not told`,
});

/** The calls of edges that are seen often enough to be no chance. */
function frequent(calls: readonly Call[], total: ReadonlyMap<string, number>): Call[] {
  const counted = tally(calls.map(({ caller, callee }) => pair(caller, callee)));
  return calls.filter(({ caller, callee }) => {
    const count = counted.get(pair(caller, callee)) ?? 0;
    return count >= MIN_CALLS && count >= MIN_SHARE_OF_CALLEE * (total.get(callee) ?? 0);
  });
}

/** `end − duration` where a line says how long the request took, else a received line and the next one that says that it ended. */
function intervalsOf(entries: readonly LogEntry[]): Interval[] {
  const intervals: Interval[] = [];
  for (const lines of groupBy(entries, (line) => pair(line.request, line.service)).values()) {
    const open: LogEntry[] = [];
    for (const line of [...lines].sort((a, b) => a.at - b.at)) {
      const { service, request, failed, at: to } = line;
      if (line.phase === 'received') open.push(line);
      if (line.phase !== 'ended') continue;
      const received = open.shift();
      const from = line.duration === null ? received?.at : to - line.duration;
      if (from !== undefined) intervals.push({ service, request, failed, from, to });
    }
  }
  return intervals;
}

/** The service where most requests enter: the one with their longest interval. */
function entryOf(requests: readonly (readonly Interval[])[]): string | undefined {
  const longest = requests.flatMap(
    (intervals) => [...intervals].sort((a, b) => b.to - b.from - (a.to - a.from))[0] ?? [],
  );
  const votes = [...tally(longest.map(({ service }) => service))].sort((a, b) => b[1] - a[1]);
  return votes[0]?.[0];
}

/**
 * The calls of one request; the services of intervals that cross another one's or begin before the request entered
 * (`crossing`), and of those that lie within none though the request had begun (`adrift`).
 */
function nest(
  intervals: readonly Interval[],
  entry: string | undefined,
): { calls: Call[]; crossing: Crossing[]; adrift: string[] } {
  const sorted = [...intervals].sort((a, b) => a.from - b.from || b.to - a.to);
  const entered = sorted.find(({ service }) => service === entry);
  const crossing = new Map<Interval, Crossing>();
  const cross = (one: Interval, other: Interval): void => {
    const { others } = crossing.get(one) ?? { others: new Set<string>() };
    crossing.set(one, { service: one.service, others: others.add(other.service) });
  };
  for (const call of sorted) {
    if (entered !== undefined && call.from < entered.from) cross(call, entered);
  }
  const calls: Call[] = [];
  const adrift: string[] = [];
  let open: Interval[] = [];
  for (const call of sorted) {
    open = open.filter(({ to }) => to > call.from);
    const others = open.filter(({ service }) => service !== call.service);
    for (const other of others) {
      if (other.to >= call.to || other.from >= call.from) continue;
      cross(other, call);
      cross(call, other);
    }
    const caller = tightest(others.filter((other) => encloses(other, call)));
    open.push(call);
    if (caller === undefined) {
      if (call !== sorted[0]) adrift.push(call.service);
      continue;
    }
    const { service: callee, failed, request: trace, from: at } = call;
    calls.push({ caller: caller.service, callee, via: 'inferred', failed, trace, at });
  }
  return { calls, crossing: [...crossing.values()], adrift };
}

/** Equal intervals tell nothing of who is whose caller. */
const encloses = (outer: Interval, inner: Interval): boolean =>
  outer.from <= inner.from && inner.to <= outer.to && lengthOf(outer) > lengthOf(inner);
const lengthOf = ({ from, to }: Interval): number => to - from;
const tightest = (intervals: readonly Interval[]): Interval | undefined =>
  intervals.reduce<Interval | undefined>(
    (best, each) => (best === undefined || lengthOf(each) < lengthOf(best) ? each : best),
    undefined,
  );

const pair = (a: string, b: string): string => JSON.stringify([a, b]);
const only = (counts: ReadonlyMap<string, number>, key: string): Map<string, number> =>
  new Map([[key, counts.get(key) ?? 0]]);
const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((a, b) => a + b, 0);
const tally = (keys: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
