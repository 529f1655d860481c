import { buildChain } from '../../../src/steps/service-chain/build-chain';
import type { LogEntry, Reading, Relation } from '../../../src/domain/topology/reading';
import type { Span } from '../../../src/domain/topology/span';
import { span } from '../../fixtures/spans/spans';

/** A second of an idle core, which takes up to twice as long where another test runs on the same core. */
const MAX_SECONDS = 2;

/** CPU seconds that one chain takes, the best of three: the collector's threads and other processes count too. */
function secondsFor(reading: Partial<Reading>, depth?: number): number {
  const readings = [
    { schema: 'otel', earlier: false, traces: { sampled: 1, total: 1 }, ...reading } as Reading,
  ];
  const source = { indices: [], window: { from: '', to: '' } };
  const runs = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    buildChain('s0', { readings, source, notes: [] }, depth);
    return process.cpuUsage(before).user / 1e6;
  });
  return Math.min(...runs);
}
const many = <Item>(count: number, make: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => make(n));
const ofSpans = (spans: Span[]): Partial<Reading> => ({ kind: 'spans', spans });

/** A read holds at most 40,000 spans and 20,000 lines (adapters/topology/read). */
const SPANS = 40_000;
const topic = { system: 'kafka', name: 'orders' };
const line = (n: number, more: Partial<LogEntry>): LogEntry => ({
  ...{ request: 'r', service: `s${n % 50}`, at: n, duration: 1, phase: 'ended', failed: null },
  ...more,
});
const relation = (n: number, caller: string): Relation => ({
  ...{ caller, callee: `s${n + 1}`, calls: 1, errors: null, via: 'sync' },
});

it.each<[string, () => number]>([
  [
    '100,000 services in a line',
    () => secondsFor({ kind: 'relations', relations: many(1e5, (n) => relation(n, `s${n}`)) }, 1e6),
  ],
  [
    '100,000 callees of one service',
    () => secondsFor({ kind: 'relations', relations: many(1e5, (n) => relation(n, 's0')) }),
  ],
  [
    'spans of one id',
    () => secondsFor(ofSpans(many(SPANS, (n) => span('same', `s${n}`, { parent: 'same' })))),
  ],
  [
    'spans that are each other’s parents',
    () =>
      secondsFor(ofSpans(many(SPANS, (n) => span(`${n}`, 's0', { parent: `${(n + 1) % SPANS}` })))),
  ],
  [
    'a topic of very many writers and readers',
    () =>
      secondsFor(
        ofSpans(
          many(SPANS, (n) =>
            span(`${n}`, `s${n}`, { kind: n % 2 === 0 ? 'producer' : 'consumer', topic }),
          ),
        ),
      ),
  ],
  [
    'spans with very many links',
    () => {
      const links = many(1_000, (n) => ({ trace: 't', id: `${n}` }));
      return secondsFor(ofSpans(many(1_000, (n) => span(`${n}`, `s${n}`, { links }))));
    },
  ],
  [
    'unanswered calls to one address of very many services',
    () =>
      secondsFor(
        ofSpans([
          ...many(SPANS / 2, (n) => span(`c${n}`, 's0', { kind: 'client', peer: 'gateway' })),
          ...many(SPANS / 4, (n) => span(`d${n}`, `t${n}`, { parent: `c${n}` })),
        ]),
      ),
  ],
  [
    'names of 100,000 characters',
    () => {
      const long = 'ü:'.repeat(5e4);
      return secondsFor(
        ofSpans(many(5, (n) => span(`${n}`, `${long}${n}`, { kind: 'client', peer: long }))),
      );
    },
  ],
  [
    'log lines of one request that overlap',
    () => secondsFor({ kind: 'logs', entries: many(20_000, (n) => line(n, { duration: 1e6 })) }),
  ],
  [
    'log lines of requests as large as are read',
    () =>
      secondsFor({
        kind: 'logs',
        entries: many(20_000, (n) => line(n, { request: `r${n % 10}`, duration: 1e6 })),
      }),
  ],
  [
    'log lines of a service each',
    () =>
      secondsFor({
        kind: 'logs',
        entries: many(20_000, (n) => line(n, { request: `r${n % 500}`, service: `s${n}` })),
      }),
  ],
])(
  'builds the chain of %s within about a second',
  (_name, seconds) => {
    expect(seconds()).toBeLessThan(MAX_SECONDS);
  },
  60_000,
);
