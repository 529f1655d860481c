import { apm } from '../../../src/adapters/topology/schemas/apm';
import { jaeger } from '../../../src/adapters/topology/schemas/jaeger';
import { otel } from '../../../src/adapters/topology/schemas/otel';
import { otelEcs } from '../../../src/adapters/topology/schemas/otel-ecs';
import { otelNone, otelRaw } from '../../../src/adapters/topology/schemas/otel-none';
import type { SpanSchema } from '../../../src/adapters/topology/schemas/topology-schema';
import { zipkin } from '../../../src/adapters/topology/schemas/zipkin';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { buildChain } from '../../../src/steps/service-chain/build-chain';
import type { Span } from '../../../src/domain/topology/span';
import { jsonFixture, spansOfSet } from '../../fixtures/spans/topology-hits';

type Edge = { caller: string; callee: string; calls: number; errors: number };
type Truth = {
  window: [string, string];
  edges: (Edge & { paired: number; paired_errors: number })[];
  external_edges: Edge[];
  upstream: Record<string, string[]>;
  downstream: Record<string, string[]>;
};
const truth = jsonFixture('truth.json') as Truth;
const services = [...new Set(truth.edges.flatMap(({ caller, callee }) => [caller, callee]))].sort();

/** The reader's range: the window and an hour on either side. */
const [from, to] = truth.window.map((each) => Date.parse(each)) as [number, number];
const inRange = ({ start }: Span) =>
  start !== null && start >= from - 3_600_000 && start < to + 3_600_000;

const chainsOf = (schema: SpanSchema, spans: Span[], of = services): ServiceChain[] =>
  of.map((service) =>
    buildChain(service, {
      readings: [
        {
          kind: 'spans',
          schema: schema.id,
          earlier: false,
          traces: { sampled: 234, total: 234 },
          spans,
        },
      ],
      source: { indices: schema.indices, window: { from: truth.window[0], to: truth.window[1] } },
      notes: [],
    }),
  );

/** What of an edge a join can know: seven quote calls have one possible callee only; seven e-mail calls have several. */
const knowable = ({ callee, calls, errors, paired, paired_errors }: Truth['edges'][number]) =>
  callee === 'quoteservice' ? [calls, errors] : [paired, paired_errors];

describe.each([
  ['apm', apm],
  ['otel', otel],
  ['otel-ecs', otelEcs],
  ['otel-none', otelNone],
  ['otel-raw', otelRaw],
  ['jaeger', jaeger],
  ['zipkin', zipkin],
] as const)('the constructed set %s', (set, schema) => {
  const spans = spansOfSet(schema, set).filter(inRange);
  const chains = chainsOf(schema, spans);
  const edges = new Map(
    chains
      .flatMap((chain) => chain.edges)
      .map((edge) => [`${edge.caller} -> ${edge.callee} ${edge.via}`, edge]),
  );
  const nodes = new Map(chains.flatMap((chain) => chain.nodes).map((node) => [node.id, node]));
  const isService = (id: string) => nodes.get(id)?.kind === 'service';

  it('gives the 18 edges with their calls and errors, and nothing else', () => {
    const found = [...edges.values()].filter(({ callee }) => isService(callee));
    const counts = found.map(({ caller, callee, calls, errors }) => [
      `${caller} -> ${callee}`,
      [calls, errors],
    ]);
    expect(found).toHaveLength(18);
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(
        truth.edges.map((edge) => [`${edge.caller} -> ${edge.callee}`, knowable(edge)]),
      ),
    );
  });

  it.each(services)('gives the exact up- and downstream of %s', (service) => {
    const chain = chains[services.indexOf(service)];
    const names = (side: 'upstream' | 'downstream') =>
      chain?.[side].map((member) => member.service).sort();
    expect(names('upstream')).toEqual(truth.upstream[service] ?? []);
    expect(names('downstream')).toEqual(truth.downstream[service] ?? []);
    expect(chain?.status).toBe('ok');
  });

  it('leaves the seven e-mail calls unresolved behind the gateway, naming who it could be', () => {
    expect(edges.get('checkoutservice -> mesh-gateway:8080 sync')).toMatchObject({
      calls: 7,
      errors: 7,
    });
    expect(nodes.get('mesh-gateway:8080')).toEqual({
      id: 'mesh-gateway:8080',
      kind: 'unresolved',
      candidates: ['emailservice', 'shippingservice'],
    });
    expect([...nodes.values()].filter(({ kind }) => kind === 'unresolved')).toHaveLength(1);
  });

  it('knows stores as external', () => {
    for (const { caller, callee, calls, errors } of truth.external_edges) {
      expect(edges.get(`${caller} -> ${callee} sync`)).toMatchObject({ calls, errors });
      expect(nodes.get(callee)?.kind).toBe('external');
    }
    expect(
      [...nodes.values()].filter(({ kind }) => kind === 'external').map(({ id }) => id),
    ).toEqual(expect.arrayContaining(['redis', 'postgresql']));
  });

  it('does not depend on the order of the documents', () => {
    const some = ['checkoutservice', 'quoteservice'];
    const reversed = chainsOf(schema, [...spans].reverse(), some);
    expect(reversed).toEqual(some.map((service) => chains[services.indexOf(service)]));
  });
});
