import { readFileSync } from 'node:fs';
import path from 'node:path';
import { daysOf } from '../../../../src/adapters/topology/documents/day-documents';
import {
  jaegerDependencies,
  relationsOfRuns,
  runOf,
} from '../../../../src/adapters/topology/schemas/jaeger-dependencies';
import { relationsOfDocuments } from '../../../../src/adapters/topology/schemas/zipkin-dependency';

const range = {
  from: Date.parse('2026-08-22T23:30:00Z'),
  to: Date.parse('2026-08-23T00:30:00Z'),
};
const fixture = (name: string): string =>
  readFileSync(path.resolve(__dirname, '../../../fixtures/topology', name), 'utf8');

const run = (at: string, ...counts: [string, string, number][]) => ({
  at: Date.parse(at),
  dependencies: counts.map(([parent, child, callCount]) => ({ parent, child, callCount })),
});
const old = { index: 'zipkin-dependency-2026-08-21' };
const first = { index: 'zipkin-dependency-2026-08-22' };
const second = { index: 'zipkin-dependency-2026-08-23' };
const edge = (parent: string, child: string, callCount: number, errorCount?: number) => ({
  source: { id: `${parent}|${child}`, parent, child, callCount, errorCount },
});

describe('days', () => {
  it('begin with the day before the window, whose job may be the last that ran', () => {
    expect(daysOf(range)).toEqual(['2026-08-21', '2026-08-22', '2026-08-23']);
    expect(daysOf({ from: range.to, to: range.to + 1 })).toEqual(['2026-08-22', '2026-08-23']);
  });

  it('of a window that ends at midnight do not hold the day that begins there', () => {
    const to = Date.parse('2026-08-23T00:00:00Z');
    expect(daysOf({ from: to - 3_600_000, to })).toEqual(['2026-08-21', '2026-08-22']);
  });
});

describe('Jaeger dependency documents', () => {
  it('count a day that the job went over twice once, by the run that saw most', () => {
    const runs = [
      run('2026-08-22T00:00:00Z', ['a', 'b', 62]),
      run('2026-08-22T00:00:00Z', ['a', 'b', 104], ['a', 'c', 1]),
      run('2026-08-23T00:00:00Z', ['a', 'b', 96]),
    ];
    const relations = relationsOfRuns(runs, range);
    expect(relations.map(({ callee, calls, errors }) => [callee, calls, errors])).toEqual([
      ['b', 200, null],
      ['c', 1, null],
    ]);
    expect(relationsOfRuns([...runs].reverse(), range)).toEqual(expect.arrayContaining(relations));
    expect(relations[0]?.last_seen).toBe('2026-08-23T00:00:00.000Z');
  });

  it('of the day before count only while the window has none of its own', () => {
    const before = run('2026-08-21T00:00:00Z', ['a', 'b', 7]);
    expect(relationsOfRuns([before], range)).toMatchObject([{ calls: 7 }]);
    const runs = [before, run('2026-08-22T00:00:00Z', ['a', 'b', 5])];
    expect(relationsOfRuns(runs, range)).toMatchObject([{ calls: 5 }]);
  });

  it('of no time, or with counts that are none, are left out', () => {
    const dependencies = [{ parent: 'a', child: 'b', callCount: 1 }];
    expect(runOf({ source: { timestamp: 1.7e18, dependencies } })).toBeNull();
    expect(runOf({ source: { timestamp: 'today', dependencies } })).toBeNull();
    const half = [{ parent: 'a', child: 'b', callCount: 0.5 }];
    expect(runOf({ source: { timestamp: range.from, dependencies: half } })).toBeNull();
  });

  it('hold no inner calls of a service', () => {
    expect(relationsOfRuns([run('2026-08-22T00:00:00Z', ['a', 'a', 9])], range)).toEqual([]);
  });

  it('as Jaeger itself writes them are read', () => {
    const { ndjson } = JSON.parse(fixture('real-jaeger/write_dependencies_bulk.json')) as {
      ndjson: unknown[];
    };
    const runs = ndjson.flatMap((source) => runOf({ source }) ?? []);
    const day = {
      from: Date.parse('2020-01-02T02:04:05Z'),
      to: Date.parse('2020-01-02T03:04:06Z'),
    };
    expect(relationsOfRuns(runs, day)).toEqual([
      {
        caller: 'svcA',
        callee: 'svcB',
        calls: 1,
        errors: null,
        via: 'sync',
        last_seen: '2020-01-02T03:04:05.000Z',
      },
    ]);
  });

  it('are asked for from the midnight before', () => {
    expect(JSON.stringify(jaegerDependencies.within?.(range))).toContain(
      String(Date.parse('2026-08-21T00:00:00Z')),
    );
    expect(runOf({ source: { timestamp: 'yesterday', dependencies: [] } })).toBeNull();
    expect(runOf({ source: { dependencies: 'none' } })).toBeNull();
  });
});

describe('Zipkin dependency documents', () => {
  it('add up over the days of the window, calls and errors, whatever separates the date', () => {
    const hits = [
      { ...first, ...edge('a', 'b', 104, 7) },
      { index: 'team:zipkin-dependency-2026.08.23', ...edge('a', 'b', 96, 8) },
      { ...second, ...edge('a', 'c', 3) },
      { ...old, ...edge('a', 'b', 1000, 1000) },
    ];
    expect(relationsOfDocuments(hits, range)).toEqual([
      {
        caller: 'a',
        callee: 'b',
        calls: 200,
        errors: 15,
        via: 'sync',
        last_seen: '2026-08-23T00:00:00.000Z',
      },
      {
        caller: 'a',
        callee: 'c',
        calls: 3,
        errors: 0,
        via: 'sync',
        last_seen: '2026-08-23T00:00:00.000Z',
      },
    ]);
  });

  it('of another shape or of an index without a day are left out', () => {
    const hits = [
      { ...first, source: { parent: 'a' } },
      { index: 'zipkin-dependency-write', ...edge('a', 'b', 1) },
    ];
    expect(relationsOfDocuments(hits, range)).toEqual([]);
  });
});

it('leaves out pairs of which one name is longer than names are', () => {
  const long = edge('cart', '.'.repeat(2_049), 3);
  expect(relationsOfDocuments([{ ...first, ...long }], range)).toEqual([]);
  expect(relationsOfDocuments([{ ...first, ...edge('cart', 'redis', 3) }], range)).toHaveLength(1);
});
