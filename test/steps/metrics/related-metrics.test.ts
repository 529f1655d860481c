import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import type { SideMetrics } from '../../../src/domain/metrics';
import type { ServiceChain } from '../../../src/domain/service-chain';
import {
  closestCallees,
  closestCallers,
} from '../../../src/steps/service-chain/closest-neighbours';
import { ruleForms } from '../../../src/steps/rules/rule-forms';
import {
  groupsBeside,
  hostSide,
  neighboursOf,
  selectSide,
} from '../../../src/steps/metrics/related-metrics';
import { chain } from '../../fixtures/outcomes';
import { metric } from '../../fixtures/metric-facts';
import { shippedKnowledge } from '../../fixtures/knowledge';

let knowledge: Knowledge;
beforeAll(async () => {
  knowledge = await shippedKnowledge();
});

const where = { label: 'instance', hosts: ['web-1', 'web.2'] };
const OF_NODE = ['node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes', 'node_load1'];
const sideOf = (names: string[], own: string[] = []) =>
  hostSide(where, names, {}, { own: new Set(own), knowledge });
const expressionsOf = (side: SideMetrics) =>
  groupsBeside(side, knowledge).flatMap((group) =>
    (selectSide(side, [], knowledge)?.groups ?? [])
      .filter(({ name }) => name === group.name)
      .flatMap(({ candidates }) =>
        candidates.map((name) => side.metrics.find((m) => m.name === name)),
      )
      .flatMap((found) => (found ? [ruleForms({ ...side, metric: found }, group)[0]?.expr] : [])),
  );

describe('what the hosts of a service have', () => {
  it('is what documents of machines name: other services that run there are none of ours', () => {
    const side = sideOf([
      ...OF_NODE,
      'billing_queue_depth',
      'http_requests_total',
      'go_goroutines',
    ]);
    expect(side?.metrics.map(({ name }) => name)).toEqual([...OF_NODE].sort());
    expect(side?.beside).toEqual({ kind: 'hosts', label: 'instance' });
  });

  it('is nothing where no machine is measured, and nothing that the service has under its own label', () => {
    expect(sideOf(['billing_queue_depth'])).toBeUndefined();
    expect(sideOf(OF_NODE, OF_NODE)).toBeUndefined();
  });

  it('is watched on those hosts alone, the worst one first, names escaped', () => {
    const side = sideOf(OF_NODE);
    if (side === undefined) throw new Error('nothing found');
    const hosts = String.raw`instance=~"(?:web-1|web\\.2)(?:\\..+)?(?::\\d+)?"`;
    expect(expressionsOf(side)).toContain(
      `min(min by (instance) (node_memory_MemAvailable_bytes{${hosts}} / (node_memory_MemTotal_bytes{${hosts}} > 0)))`,
    );
  });

  it('is one metric a group, in groups of their own name, with the risks that they watch', () => {
    const risks = [{ type: 'memory_leak', watch: ['Memory'], severity: 'high' }];
    const side = sideOf([...OF_NODE, 'node_memory_SwapFree_bytes', 'node_memory_SwapTotal_bytes']);
    const groups = side && selectSide(side, risks, knowledge)?.groups;
    expect(groups?.find(({ name }) => name === 'Memory of the hosts')).toEqual({
      name: 'Memory of the hosts',
      candidates: ['node_memory_MemAvailable_bytes'],
      watches: ['memory_leak'],
    });
    expect(groups?.every(({ candidates }) => candidates.length === 1)).toBe(true);
  });
});

it('watches of a neighbour its errors and its latency, by its own label', () => {
  const side: SideMetrics = {
    beside: { kind: 'neighbour', service: 'front"end' },
    scope: { kind: 'label', label: 'service', value: 'front"end' },
    kind: 'http-service',
    metrics: [
      metric('http_requests_total', 'counter'),
      metric('http_request_duration_seconds', 'histogram'),
      metric('process_resident_memory_bytes'),
    ],
  };
  const names = selectSide(side, [], knowledge)?.groups.map(({ name }) => name);
  expect(names).toEqual(['Error Rate of front"end', 'Latency of front"end']);
  const expressions = expressionsOf(side);
  expect(expressions).toHaveLength(2);
  for (const expression of expressions)
    expect(expression).toContain(String.raw`service="front\"end"`);
});

it('hands on of a neighbour with thousands of metrics only those that its rules need', () => {
  const errors = [metric('aaa_failed_total', 'counter'), metric('aaa_total', 'counter')];
  const noise = Array.from({ length: 5_000 }, (_, n) => metric(`team_thing_${n}_total`, 'counter'));
  const timed = metric('http_request_duration_seconds', 'histogram');
  const side: SideMetrics = {
    ...{ beside: { kind: 'neighbour', service: 'big' }, kind: 'http-service' },
    scope: { kind: 'label', label: 'service', value: 'big' },
    metrics: [...errors, ...noise, timed],
  };
  const selected = selectSide(side, [], knowledge);
  if (selected === undefined) throw new Error('nothing selected');
  expect(selected.metrics.length).toBeLessThanOrEqual(10);
  expect(expressionsOf(selected)).toEqual(expressionsOf(side));
  expect(expressionsOf(selected).filter(Boolean)).toHaveLength(selected.groups.length);
});

describe('closestCallers', () => {
  const of = (callers: [string, number][], more: Partial<ServiceChain> = {}): ServiceChain => ({
    ...chain,
    upstream: [...callers.map(([service]) => ({ service, hops: 1 })), { service: 'far', hops: 2 }],
    edges: callers.map(([caller, calls]) => ({
      ...{ caller, callee: chain.service, via: 'sync' as const, calls, errors: 0, scale: 1 },
    })),
    ...more,
  });

  it('are the direct ones with the most calls, three of them', () => {
    const four: [string, number][] = [
      ['a', 1],
      ['b', 50],
      ['c', 7],
      ['d', 9],
    ];
    expect(closestCallers(of(four))).toEqual(['b', 'd', 'c']);
  });

  it('are none without a chain, or of a service that nobody calls', () => {
    expect(closestCallers(null)).toEqual([]);
    expect(closestCallers(of([]))).toEqual([]);
  });
});

describe('closestCallees', () => {
  const callees: [string, number, 'service' | 'external'][] = [
    ['mail', 1, 'service'],
    ['orders-db', 900, 'external'],
    ['stock', 50, 'service'],
    ['tax', 7, 'service'],
  ];
  const of: ServiceChain = {
    ...chain,
    nodes: callees.map(([id, , kind]) => ({ id, kind })),
    downstream: [
      ...callees.map(([service]) => ({ service, hops: 1 })),
      { service: 'far', hops: 2 },
    ],
    edges: callees.map(([callee, calls]) => ({
      ...{ caller: chain.service, callee, via: 'sync' as const, calls, errors: 0, scale: 1 },
    })),
  };

  it('are the direct services with the most calls, two of them, no stores', () => {
    expect(closestCallees(of)).toEqual(['stock', 'tax']);
  });

  it('are none without a chain', () => {
    expect(closestCallees(null)).toEqual([]);
  });
});

describe('neighboursOf', () => {
  const near = { callers: ['web', 'shop'], callees: ['stock', 'web'], named: ['db'] };

  it('are each looked at once, for the first reason, and never the service itself', () => {
    expect(neighboursOf('shop', near)).toEqual([
      { service: 'web', because: 'calls shop' },
      { service: 'stock', because: 'shop calls it' },
    ]);
  });

  it('are those of the profile where no trace tells whom it calls', () => {
    const named = neighboursOf('shop', { ...near, callees: [], named: ['a', 'b', 'c'] });
    expect(named.slice(1)).toEqual([
      { service: 'a', because: 'the profile of shop names it' },
      { service: 'b', because: 'the profile of shop names it' },
    ]);
  });
});

it('compares no more metrics of a neighbour than fit a shortlist, the named ones first', () => {
  const lookedAt = (n: number): number => {
    let reads = 0;
    const names = [
      ...Array.from({ length: n }, (_, i) => `app_part${i}_errors_total`),
      'http_requests_total',
    ];
    const metrics = names.map((name) => ({
      ...metric(name, 'counter'),
      get name() {
        reads += 1;
        return name;
      },
    }));
    const side: SideMetrics = {
      beside: { kind: 'neighbour', service: 'billing' },
      scope: { kind: 'label', label: 'service', value: 'billing' },
      metrics,
    };
    expect(selectSide(side, [], knowledge)?.groups).toHaveLength(1);
    return reads;
  };
  // Each further metric is read a few times to be left out, and never compared with the others.
  expect((lookedAt(3_000) - lookedAt(2_000)) / 1_000).toBeLessThan(10);
});
