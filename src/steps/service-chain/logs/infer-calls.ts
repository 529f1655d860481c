import type { ChainNote } from '../../../domain/service-chain';
import type { LogEntry } from '../../../domain/topology/reading';
import type { Call, Place, Step } from '../call';
import { keyOf } from '../key-of';
import { loggedCalls, type LoggedCall } from './logged-calls';
import { concurrentPairs, pairOf } from './concurrent-calls';
import { lengthOf, nestCalls, type NestedCall, type Nesting } from './nest-calls';

/** An edge is kept from this number of calls on: a single call within another one can be chance. */
const MIN_CALLS = 2;
const MIN_SHARE_OF_CALLEE = 0.05;
/**
 * Calls nest or follow each other; calls that cross come from clocks that disagree (or from work that outlives its
 * caller, which has no place in the tree either). Measured on the constructed topology: 0.2 % cross with true clocks,
 * and with all clocks off by up to 2 ms or more no set stayed below 2 %; a single clock that is off shows at its service.
 */
const MAX_CROSSING = 0.02;
const MAX_CROSSING_OF_SERVICE = 0.05;
/** Above this share of calls outside any other call, a service is asynchronous: its other calls lie within one by chance. */
const MAX_ADRIFT = 0.5;
/** A request with more calls than this is a batch job; each call is compared with those that run at the same time. */
const MAX_CALLS_OF_REQUEST = 1_000;

/** More names than these explain nothing. */
const MAX_NAMED = 5;

export type InferredCalls = {
  calls: Call[];
  steps: Step[];
  /** Services of the same requests whose callers and callees the logs do not show. */
  members: string[];
  notes: ChainNote[];
};

/**
 * Calls between services, from the times when calls began and ended: the caller of a call is the service whose call most
 * tightly encloses it within the same request. Asynchronous calls outlive their caller and are not found. Where clocks
 * disagree, all services are members.
 */
export function inferCalls(entries: readonly LogEntry[]): InferredCalls {
  const services = [...new Set(entries.map(({ service }) => service))].sort();
  const all = loggedCalls(entries);
  const requests = all.filter((calls) => calls.length <= MAX_CALLS_OF_REQUEST);
  const left = all.length - requests.length;
  const entry = entryOf(requests);
  const nestings = requests.map((calls) => nestCalls(calls, entry));
  const total = countBy(requests.flat().map(({ service }) => service));
  const notes = left > 0 ? [leftOutNote(left)] : [];
  const crossing = countBy(nestings.flatMap((each) => each.crossing.map((c) => c.service)));
  if (sum(crossing) > MAX_CROSSING * sum(total)) {
    const skew = skewNote('the services', sum(crossing), sum(total));
    return { calls: [], steps: [], members: services, notes: [...notes, skew] };
  }
  const { adrift, doubtful, crossings } = withoutDirection(services, nestings, total);
  const nested = nestings
    .flatMap(({ calls }) => calls)
    .filter(({ caller, callee }) => !doubtful.has(caller.service) && !doubtful.has(callee.service))
    .filter(({ callee }) => !adrift.has(callee.service));
  const apart = concurrentPairs(nested.filter(isWithinAnother(nested)));
  const kept = frequent(nested, total).filter((call) => !apart.has(pairOf(call)));
  const directed = new Set(kept.flatMap(({ caller, callee }) => [caller.service, callee.service]));
  return {
    calls: kept.map(callOf),
    steps: stepsOf(kept),
    members: services.filter((service) => !directed.has(service)),
    notes: [
      ...notes,
      ...concurrentNotes(nested.filter((call) => apart.has(pairOf(call)))),
      ...[...doubtful].map((id) => skewNote(id, crossings.get(id) ?? 0, total.get(id) ?? 0)),
    ],
  };
}

/** Services that work asynchronously (`adrift`), and those whose clock is off (`doubtful`), with their crossing calls. */
function withoutDirection(
  services: readonly string[],
  nestings: readonly Nesting[],
  total: ReadonlyMap<string, number>,
) {
  const above = (counts: ReadonlyMap<string, number>, share: number) =>
    new Set(services.filter((id) => (counts.get(id) ?? 0) > share * (total.get(id) ?? 0)));
  const adrift = above(countBy(nestings.flatMap((each) => each.adrift)), MAX_ADRIFT);
  // Asynchronous work crosses the request that caused it, whatever the clocks of the other services show.
  const crossings = countBy(
    nestings
      .flatMap((each) => each.crossing)
      .filter(({ others }) => [...others].some((other) => !adrift.has(other)))
      .map(({ service }) => service),
  );
  return { adrift, crossings, doubtful: above(crossings, MAX_CROSSING_OF_SERVICE) };
}

/** The caller is itself within a call, whose service can have called both. */
function isWithinAnother(nested: readonly NestedCall[]): (call: NestedCall) => boolean {
  const inner = new Set(nested.map(({ callee }) => callee));
  return ({ caller }) => inner.has(caller);
}

function concurrentNotes(calls: readonly NestedCall[]): ChainNote[] {
  const pairs = new Set(
    calls.map(({ caller, callee }) => `${callee.service} ran during ${caller.service}`),
  );
  if (pairs.size === 0) return [];
  const named = [...pairs].sort().slice(0, MAX_NAMED).join(', ');
  const detail = `logs: ${named}, whose time hardly grows with it: somebody may have called both at the same time, and the logs do not show who`;
  return [{ reason: 'concurrent', detail }];
}

const skewNote = (whose: string, crossing: number, total: number): ChainNote => ({
  reason: 'clock-skew',
  detail: `${crossing} of ${total} calls of ${whose} cross the time of another call: clocks disagree, or work outlives its caller, so the logs do not show the caller and the callee`,
});

const leftOutNote = (requests: number): ChainNote => ({
  reason: 'spans',
  detail: `logs: ${requests} ${requests === 1 ? 'request' : 'requests'} with more than ${MAX_CALLS_OF_REQUEST} calls left out`,
});

/** The calls of edges that are seen too often to be chance. */
function frequent(
  calls: readonly NestedCall[],
  total: ReadonlyMap<string, number>,
): readonly NestedCall[] {
  const pair = ({ caller, callee }: NestedCall) => keyOf(caller.service, callee.service);
  const counts = countBy(calls.map(pair));
  return calls.filter((call) => {
    const count = counts.get(pair(call)) ?? 0;
    return (
      count >= MIN_CALLS && count >= MIN_SHARE_OF_CALLEE * (total.get(call.callee.service) ?? 0)
    );
  });
}

const callOf = ({ caller, callee }: NestedCall): Call => ({
  caller: caller.service,
  callee: callee.service,
  via: 'inferred',
  failed: callee.failed,
  at: callee.from,
});

/** Each logged call is a place of its own: two calls of a service in one request do not cause each other's calls. */
function stepsOf(calls: readonly NestedCall[]): Step[] {
  const places = new Map<LoggedCall, Place>();
  const placeOf = (call: LoggedCall): Place => {
    const place = places.get(call) ?? { service: call.service };
    places.set(call, place);
    return place;
  };
  return calls.map(({ caller, callee }) => ({ from: placeOf(caller), to: placeOf(callee) }));
}

/** The service where most requests enter: the one with their longest call. */
function entryOf(requests: readonly (readonly LoggedCall[])[]): string | undefined {
  const longest = requests.flatMap((calls) => {
    const [first, ...others] = calls;
    if (first === undefined) return [];
    return others.reduce((best, each) => (lengthOf(each) > lengthOf(best) ? each : best), first);
  });
  const votes = [...countBy(longest.map(({ service }) => service))].sort((a, b) => b[1] - a[1]);
  return votes[0]?.[0];
}

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((a, b) => a + b, 0);

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
