import fc from 'fast-check';
import { inferCalls } from '../../../src/steps/service-chain/logs/infer-calls';
import type { LogEntry } from '../../../src/domain/topology/reading';
import { edgeName, logEntries, skewed, truth } from '../../fixtures/spans/log-entries';

const [from, to] = truth.window.map((time) => Date.parse(time)) as [number, number];
const entries = logEntries().filter(({ at }) => at >= from && at < to + 60_000);
const real = new Set(truth.edges.map(edgeName));

/** One completed call, in milliseconds from the request's start. */
const call = (request: string, service: string, start: number, end: number): LogEntry => ({
  request,
  service,
  at: end,
  duration: end - start,
  phase: 'ended',
  failed: false,
});
const edgesOf = (lines: readonly LogEntry[]): string[] =>
  [...new Set(inferCalls(lines).calls.map(edgeName))].sort();
const requests = (count: number, lines: (request: string) => LogEntry[]): LogEntry[] =>
  Array.from({ length: count }, (_, i) => lines(`r${i}`)).flat();

/** Who is below whom by the truth, over any number of calls. */
function below(caller: string, seen = new Set<string>()): Set<string> {
  for (const edge of truth.edges) {
    if (edge.caller !== caller || seen.has(edge.callee)) continue;
    seen.add(edge.callee);
    below(edge.callee, seen);
  }
  return seen;
}
const wrong = (lines: readonly LogEntry[]): string[] => edgesOf(lines).filter((e) => !real.has(e));
const againstTruth = (lines: readonly LogEntry[]): string[] =>
  wrong(lines).filter((edge) => {
    const [caller = '', callee = ''] = edge.split(' -> ');
    return !below(caller).has(callee);
  });

it('finds the constructed edges but the asynchronous ones, and no other, from intervals', () => {
  const { calls, members, notes } = inferCalls(entries);
  const asynchronous = truth.edges.filter(({ kind }) => kind === 'async');
  expect(edgesOf(entries)).toEqual(
    truth.edges
      .filter((edge) => !asynchronous.includes(edge))
      .map(edgeName)
      .sort(),
  );
  expect(members).toEqual(asynchronous.map(({ callee }) => callee).sort());
  expect(notes).toEqual([]);
  for (const edge of truth.edges.filter(({ kind }) => kind !== 'async')) {
    const counted = calls.filter((each) => edgeName(each) === edgeName(edge)).length;
    // Seven calls of each gateway never reached their callee; one that timed out crosses its caller.
    expect([edgeName(edge), edge.calls - counted]).toEqual([edgeName(edge), expect.any(Number)]);
    expect(edge.calls - counted).toBeLessThanOrEqual(7);
    expect(edge.calls - counted).toBeGreaterThanOrEqual(0);
  }
});

it('tells no direction when every clock is off by -15 to +25 ms', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const { calls, members, notes } = inferCalls(skewed(entries, seed, [-15, 25]));
    expect([seed, calls, notes.map(({ reason }) => reason)]).toEqual([seed, [], ['clock-skew']]);
    expect(members).toHaveLength(14);
  }
});

it('tells no wrong edge at any smaller skew of all clocks either', () => {
  for (const span of [0.5, 1, 1.5, 2, 3, 5, 10]) {
    for (let seed = 1; seed <= 30; seed += 1) {
      const lines = skewed(entries, seed, [-span / 2, span / 2]);
      expect([span, seed, wrong(lines)]).toEqual([span, seed, []]);
    }
  }
});

it('tells no wrong direction when a single clock is off', () => {
  for (const service of new Set(entries.map((entry) => entry.service))) {
    for (const skew of [-15, -8, -4, -1, 1, 4, 8, 15, 25]) {
      const lines = entries.map((line) =>
        line.service === service ? { ...line, at: line.at + skew } : line,
      );
      expect([service, skew, againstTruth(lines)]).toEqual([service, skew, []]);
    }
  }
});

it('names the service whose calls cross others, and tells the direction of the rest', () => {
  const lines = requests(60, (id) => [
    call(id, 'gateway', 0, 100),
    ...Array.from({ length: 60 }, (_, i) => call(id, 'store', 1 + i, 1.5 + i)),
    call(id, 'audit', 90, 120),
  ]);
  const { calls, members, notes } = inferCalls(lines);
  expect(calls).toEqual([]);
  expect(members).toEqual(['audit', 'gateway', 'store']);
  expect(notes[0]?.detail).toContain('cross the time of another call');
  const rare = requests(60, (id) => [
    call(id, 'gateway', 0, 100),
    call(id, 'store', 1, 2),
    ...(Number(id.slice(1)) < 1 ? [call(id, 'audit', 90, 120)] : []),
  ]);
  expect(edgesOf(rare)).toEqual(['gateway -> store']);
  expect(inferCalls(rare).members).toEqual(['audit']);
  expect(inferCalls(rare).notes.map(({ detail }) => detail.slice(0, 22))).toEqual([
    '1 of 1 calls of audit ',
  ]);
});

it('pairs received and completed lines where no duration is logged', () => {
  const line = (request: string, service: string, at: number, phase: LogEntry['phase']) => ({
    ...call(request, service, at, at),
    duration: null,
    phase,
  });
  const lines = requests(3, (id) => [
    line(id, 'front', 0, 'received'),
    line(id, 'back', 2, 'received'),
    line(id, 'back', 4, 'during'),
    line(id, 'back', 5, 'ended'),
    line(id, 'front', 9, 'ended'),
  ]);
  expect(edgesOf(lines)).toEqual(['front -> back']);
});

it('takes a nesting seen once for chance, and equal intervals for nothing', () => {
  expect(edgesOf([call('r', 'a', 0, 9), call('r', 'b', 1, 2)])).toEqual([]);
  expect(edgesOf(requests(5, (id) => [call(id, 'a', 0, 9), call(id, 'b', 0, 9)]))).toEqual([]);
});

it('never joins lines of different requests', () => {
  const lines = Array.from({ length: 9 }, (_, i) => [
    call(`x${i}`, 'a', 0, 9),
    call(`y${i}`, 'b', 1, 2),
  ]).flat();
  expect(inferCalls(lines)).toEqual({ calls: [], steps: [], members: ['a', 'b'], notes: [] });
});

it('puts every service into calls or members and stays the same in any order of lines', () => {
  const line = fc.record({
    request: fc.constantFrom('r1', 'r2', 'r3'),
    service: fc.constantFrom('a', 'b', 'c', 'd'),
    at: fc.integer({ min: 0, max: 60 }),
    duration: fc.option(fc.integer({ min: 0, max: 40 }), { nil: null }),
    phase: fc.constantFrom('received' as const, 'ended' as const, 'during' as const),
    failed: fc.constant(null),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const { calls, members } = inferCalls(lines);
      const named = new Set([...members, ...calls.flatMap((c) => [c.caller, c.callee])]);
      expect([...named].sort()).toEqual([...new Set(lines.map((l) => l.service))].sort());
      for (const { caller, callee } of calls) expect(caller).not.toBe(callee);
    }),
  );
});

it('leaves out a request of more than 1,000 calls, and says so', () => {
  const batch = Array.from({ length: 1_001 }, (_, at) => call('batch', 'worker', at, at + 3_000));
  const { calls, notes } = inferCalls([
    ...batch,
    ...requests(3, (id) => [call(id, 'a', 0, 9), call(id, 'b', 1, 2)]),
  ]);
  expect(calls).toHaveLength(3);
  expect(notes).toEqual([
    { reason: 'spans', detail: 'logs: 1 request with more than 1000 calls left out' },
  ]);
});
