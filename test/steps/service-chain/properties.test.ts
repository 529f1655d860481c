import fc from 'fast-check';
import { buildChain } from '../../../src/steps/service-chain/build-chain';
import { joinSpans } from '../../../src/steps/service-chain/spans/join-spans';
import type { Span } from '../../../src/domain/topology/span';
import { trueCalls, trueHops } from '../../fixtures/spans/chain-oracle';

/** `CHAIN_RUNS=50000 npm run test:unit -- test/steps/service-chain/properties` looks longer. */
const RUNS = Number(process.env['CHAIN_RUNS'] ?? 1_000);
const SERVICES = ['a', 'b', 'c', 'd', 'e', 'ünï"{}\\ f'];
const ADDRESSES = [...SERVICES, 'gateway:8080', 'nowhere'];
const KINDS: Span['kind'][] = ['client', 'server', 'producer', 'consumer', 'internal'];
const TOPICS: Span['topic'][] = [
  { system: 'kafka', name: 'orders' },
  { system: 'rabbitmq', name: 'orders' },
  { system: 'kafka', name: 'payments' },
];

/** Places are numbers: span n lies in trace n % 3, and points to others by their number, itself and absent ones included. */
const traceOf = (n: number): string => `t${n % 3}`;
const Raw = fc.record({
  parent: fc.option(fc.nat(24), { freq: 4 }),
  service: fc.constantFrom(...SERVICES),
  kind: fc.constantFrom(...KINDS),
  failed: fc.boolean(),
  links: fc.uniqueArray(fc.nat(24), { maxLength: 2 }),
  peer: fc.option(fc.constantFrom(...ADDRESSES)),
  store: fc.option(fc.constantFrom('postgresql', 'a'), { freq: 6 }),
  topic: fc.option(fc.constantFrom(...TOPICS)),
  /** The server's half is written under the client's id, by another service (Zipkin). */
  half: fc.option(fc.constantFrom(...SERVICES), { freq: 4 }),
  twice: fc.boolean(),
  skew: fc.integer({ min: -40, max: 40 }),
});

const spansOf = (raws: readonly (typeof Raw extends fc.Arbitrary<infer R> ? R : never)[]): Span[] =>
  raws.flatMap((raw, n): Span[] => {
    const { service, kind, failed, peer, store, topic } = raw;
    const span: Span = {
      trace: traceOf(n),
      id: `s${n}`,
      // Parents lie in the same trace: the same number modulo 3.
      parent: raw.parent === null ? null : `s${raw.parent - (raw.parent % 3) + (n % 3)}`,
      service,
      kind,
      failed,
      links: raw.links.map((m) => ({ trace: traceOf(m), id: `s${m}` })),
      peer,
      store,
      topic,
      shared: false,
      // No two at the same moment, in no order, as clocks that differ make it.
      start: n * 7 + raw.skew * 1_000.5,
      end: null,
    };
    const isClient = kind === 'client' && raw.half !== null && raw.half !== service;
    const half: Span[] = isClient
      ? [{ ...span, service: raw.half ?? '', kind: 'server', shared: true, links: [], peer: null }]
      : [];
    const both = [span, ...half];
    return raw.twice ? [...both, ...both] : both;
  });
/** Links to an id of which there are two spans could mean either. */
const unambiguous = (spans: Span[]): Span[] => {
  const doubled = new Set(spans.filter(({ shared }) => shared).map(({ id }) => id));
  return spans.map((span) => ({ ...span, links: span.links.filter(({ id }) => !doubled.has(id)) }));
};
const Spans = fc
  .array(Raw, { maxLength: 24 })
  .map(spansOf)
  .map(unambiguous)
  .chain((spans) => fc.shuffledSubarray(spans, { minLength: spans.length }));

const counted = (calls: readonly { caller: string; callee: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { caller, callee } of calls) {
    const key = `${caller} -> ${callee}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
};
const never = (): never => {
  throw new Error('nothing was joined');
};
const chainOf = (service: string, spans: Span[]) =>
  buildChain(
    service,
    {
      readings: [
        { schema: 'otel', earlier: false, traces: { sampled: 3, total: 3 }, kind: 'spans', spans },
      ],
      source: { indices: [], window: { from: '', to: '' } },
      notes: [],
    },
    100,
  );

it('finds the calls that looking at every pair of spans finds, and no other', () => {
  fc.assert(
    fc.property(Spans, (spans) => {
      const [{ calls, nodes } = never()] = joinSpans([spans]);
      const services = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id));
      const between = calls.filter(({ callee }) => services.has(callee));
      expect(counted(between)).toEqual(counted(trueCalls(spans)));
    }),
    { numRuns: RUNS },
  );
});

it('puts a service up- or downstream at the fewest hops from span to span', () => {
  fc.assert(
    fc.property(Spans, fc.constantFrom(...SERVICES), (spans, service) => {
      const chain = chainOf(service, spans);
      const known = spans.some((span) => span.service === service);
      if (!known) return;
      expect(chain.status).not.toBe('unknown');
      for (const direction of ['upstream', 'downstream'] as const) {
        const hops = Object.fromEntries(chain[direction].map((m) => [m.service, m.hops]));
        expect(hops).toEqual(trueHops(service, spans, direction));
      }
    }),
    { numRuns: RUNS },
  );
});

it('knows nothing of a service that no span names', () => {
  fc.assert(
    fc.property(Spans, (spans) => {
      const { status, edges, upstream, downstream } = chainOf('absent', spans);
      expect({ status, edges, upstream, downstream }).toEqual({
        status: 'unknown',
        edges: [],
        upstream: [],
        downstream: [],
      });
    }),
  );
});

it('does not depend on the order of documents, nor on how often one was written', () => {
  const Twice = Spans.chain((spans) =>
    fc.tuple(
      fc.constant(spans),
      fc.shuffledSubarray([...spans, ...spans], { minLength: spans.length * 2 }),
    ),
  );
  fc.assert(
    fc.property(Twice, fc.constantFrom(...SERVICES), ([spans, others], service) => {
      const { nodes, ...chain } = chainOf(service, spans);
      const { nodes: otherNodes, ...other } = chainOf(service, others);
      expect(other).toEqual(chain);
      const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
      expect([...otherNodes].sort(byId)).toEqual([...nodes].sort(byId));
    }),
    { numRuns: 300 },
  );
});

describe('traces of 10,000 spans', () => {
  const SIZE = 10_000;
  const base: Span = {
    trace: 't',
    id: '',
    parent: null,
    service: '',
    kind: 'server',
    failed: false,
    links: [],
    peer: null,
    store: null,
    topic: null,
    shared: false,
    start: 0,
    end: null,
  };
  const make = (span: (n: number) => Partial<Span>): Span[] =>
    Array.from({ length: SIZE }, (_, n) => ({ ...base, id: `${n}`, start: n, ...span(n) }));

  it('of one long chain of calls are joined without running out of stack', () => {
    const spans = make((n) => ({ service: `s${n}`, parent: n === 0 ? null : `${n - 1}` }));
    const chain = buildChain('s5000', { ...tracedOf(spans) }, SIZE);
    expect([chain.upstream.length, chain.downstream.length]).toEqual([5_000, 4_999]);
    expect(chain.downstream.at(-1)).toEqual({ service: 's9999', hops: 4_999 });
  });

  it('of one call with very many children are joined', () => {
    const chain = chainOf(
      'root',
      make((n) => (n === 0 ? { service: 'root' } : { service: `c${n % 50}`, parent: '0' })),
    );
    expect(chain.downstream).toHaveLength(50);
  });

  it('that go round in a circle come to an end', () => {
    const spans = make((n) => ({ service: `s${n % 100}`, parent: `${(n + SIZE - 1) % SIZE}` }));
    expect(chainOf('s0', spans).downstream).toHaveLength(99);
  });

  it('of messages on one topic are joined', () => {
    const topic = { system: 'kafka', name: 'orders' };
    const spans = make((n) =>
      n % 2 === 0
        ? { service: `p${n % 8}`, kind: 'producer', topic }
        : { service: 'reader', kind: 'consumer', topic },
    );
    expect(chainOf('reader', spans).upstream).toHaveLength(4);
  });

  it('that link to one another are joined', () => {
    const links = Array.from({ length: 10 }, (_, n) => ({ trace: 't', id: `${n}` }));
    const spans = make((n) =>
      n < 10 ? { service: 'p', kind: 'producer' } : { service: 'c', links },
    );
    expect(chainOf('c', spans).edges).toEqual([
      expect.objectContaining({ caller: 'p', callee: 'c', calls: 10 * (SIZE - 10) }),
    ]);
  });

  const tracedOf = (spans: Span[]): Parameters<typeof buildChain>[1] => ({
    readings: [
      { schema: 'otel', earlier: false, traces: { sampled: 1, total: 1 }, kind: 'spans', spans },
    ],
    source: { indices: [], window: { from: '', to: '' } },
    notes: [],
  });
});
