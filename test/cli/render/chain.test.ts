import { createColours } from '../../../src/adapters/terminal/colours';
import { printable } from '../../../src/adapters/terminal/printable';
import { renderChain, type ChainStyle } from '../../../src/cli/render/chain';
import { ENGLISH, textsOf } from '../../../src/cli/texts/texts';
import { columnsOf } from '../../../src/cli/render/terminal-text';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { chain, edge, service } from '../../fixtures/spans/chains';
import { chainTree } from '../../../src/cli/render/chain-tree';
import { chainOf, span } from '../../fixtures/spans/spans';

const style = (more: Partial<ChainStyle> = {}): ChainStyle => ({
  width: 100,
  limit: 60,
  colors: createColours(false),
  texts: ENGLISH,
  ...more,
});
const render = (more: Partial<ServiceChain>, how: Partial<ChainStyle> = {}): string =>
  renderChain(chain(more), style(how));

it('draws callers above the service and callees below, with what is known of each call', () => {
  expect(
    render({
      nodes: [
        ...['web', 'shop', 'cart', 'mail'].map(service),
        { id: 'redis', kind: 'external' },
        { id: 'gateway:80', kind: 'unresolved', candidates: ['mail', 'ship'] },
      ],
      edges: [
        edge('web', 'shop', { calls: 45, errors: 11, scale: 2 }),
        edge('shop', 'cart', { calls: 79 }),
        edge('shop', 'mail', { calls: 3, via: 'async', errors: null, systems: ['kafka'] }),
        edge('shop', 'gateway:80', { calls: 1, last_seen: '2026-08-20T10:00:00Z' }),
        edge('cart', 'redis', { calls: 168 }),
      ],
      upstream: [{ service: 'web', hops: 1 }],
      downstream: [
        { service: 'cart', hops: 1 },
        { service: 'mail', hops: 1 },
      ],
    }),
  ).toContain(
    [
      'called by',
      '└─ web  sync · 45 calls (about 90) · 24.4 % errors',
      'shop',
      'calls',
      '├─ cart        sync · 79 calls · 0 % errors',
      '│  └─ redis    sync · 168 calls · 0 % errors (external)',
      '├─ mail        async kafka · 3 calls · errors unknown',
      '└─ gateway:80  sync · 1 call · 0 % errors · last seen 2026-08-20 10:00Z (unresolved, could be mail,',
      '               ship)',
      '',
      'schema otel',
    ].join('\n'),
  );
});

it('says what a chain rests on, where and when it was read', () => {
  const text = render({
    source: {
      schema: 'logs',
      basis: 'logs',
      also: ['zipkin-dependency'],
      indices: ['mock-*-logs-*'],
      window: { from: '2026-08-22T23:30:00Z', to: '2026-08-23T00:30:00Z' },
      traces: { sampled: 150, total: 200 },
    },
  });
  expect(text).toContain('schema logs, more edges from zipkin-dependency');
  expect(text).toContain('inferred from when requests began and ended in logs');
  expect(text).toContain('indices mock-*-logs-*');
  expect(text).toContain('window 2026-08-22T23:30:00Z to 2026-08-23T00:30:00Z');
  expect(text).toContain('150 of 200 requests read');
  const reachable = render({ source: { ...chain({}).source, basis: 'relations' } });
  expect(reachable.replace(/\n/g, ' ')).toContain('the true chain may be smaller');
});

it('says what is partial and why, in the words of the notes where there are any', () => {
  const text = render({
    status: 'partial',
    truncated: ['shards', 'clock-skew'],
    notes: [{ reason: 'clock-skew', detail: '90 of 120 calls cross' }],
  });
  expect(text).toContain('status partial\n- shards: some shards failed');
  expect(text).toContain('- clock-skew: 90 of 120 calls cross');
  expect(text).not.toContain('clocks disagree');
});

it('never takes a service without documents for one without dependencies', () => {
  const text = render({ status: 'unknown', nodes: [] });
  expect(text).toContain('status unknown: no document of it was found there');
  expect(text).not.toContain('nobody');
});

it('says that none was seen where the service is known', () => {
  expect(render({})).toContain('called by\n   none seen\nshop\ncalls\n   none seen');
});

it('names services of the same requests whose direction is not known', () => {
  const text = render({ nodes: ['shop', 'audit', 'fraud'].map(service) });
  expect(text).toContain('in the same requests, direction not known: audit, fraud');
});

it('draws a node that several others call once in full, and cycles to their end', () => {
  const text = render({
    nodes: ['shop', 'a', 'b', 'c'].map(service),
    edges: [edge('shop', 'a'), edge('shop', 'b'), edge('a', 'c'), edge('b', 'c'), edge('c', 'a')],
    downstream: ['a', 'b', 'c'].map((id, i) => ({ service: id, hops: i < 2 ? 1 : 2 })),
  });
  expect(text).toContain(
    [
      '├─ a        sync · 1 call · 0 % errors',
      '│  └─ c     sync · 1 call · 0 % errors',
      '│     └─ a  sync · 1 call · 0 % errors (drawn elsewhere)',
      '└─ b        sync · 1 call · 0 % errors',
      '   └─ c     sync · 1 call · 0 % errors (drawn elsewhere)',
    ].join('\n'),
  );
  expect(text.match(/drawn elsewhere/g)).toHaveLength(2);
});

it('stays bounded with 200 services and says how many more there are', () => {
  const names = Array.from({ length: 200 }, (_, i) => `service-${i}`);
  const wide = {
    nodes: ['shop', ...names].map(service),
    edges: names.map((name, i) => edge('shop', name, { calls: 1000 - i })),
    downstream: names.map((name) => ({ service: name, hops: 1 })),
  };
  const text = render(wide, { limit: 60 });
  expect(text.split('\n').filter((line) => line.includes('service-'))).toHaveLength(60);
  expect(text).toContain('service-59 ');
  expect(text).toContain('… 140 more, farther away; see --json');
  const deep = {
    nodes: ['shop', ...names].map(service),
    edges: names.map((name, i) => edge(i === 0 ? 'shop' : `service-${i - 1}`, name)),
    downstream: names.map((name, i) => ({ service: name, hops: i + 1 })),
  };
  expect(render(deep, { limit: 5 })).toContain('… 195 more');
  const dense = { ...wide, edges: names.flatMap((a) => ['shop', ...names].map((b) => edge(b, a))) };
  expect(render(dense, { limit: 250 }).split('\n').length).toBeLessThan(275);
});

it.each([24, 32, 40, 60, 80, 120])('keeps every line within %i columns', (width) => {
  const text = render(
    {
      service: '支付服务-production-eu-central-1-blue',
      nodes: ['web-frontend-😀-production', '支付服务-production-eu-central-1-blue'].map(service),
      edges: [
        edge('web-frontend-😀-production', '支付服务-production-eu-central-1-blue', {
          calls: 12345,
          scale: 3,
        }),
      ],
      upstream: [{ service: 'web-frontend-😀-production', hops: 1 }],
      status: 'partial',
      truncated: ['orphans', 'remote'],
    },
    { width },
  );
  for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(width);
  expect(text).toContain('12,345');
});

it('lets no name move the cursor, colour or reorder a line', () => {
  const text = render({
    service: 'a\u001b[31mb',
    nodes: [service('x\r\ny\u202ez'), service('a\u001b[31mb')],
    edges: [edge('x\r\ny\u202ez', 'a\u001b[31mb')],
    upstream: [{ service: 'x\r\ny\u202ez', hops: 1 }],
  });

  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(text).toContain('x y\ufffdz');
});

it('colours on request alone', () => {
  expect(printable(render({}, { colors: createColours(true) }))).toContain(
    '\u001b[1mshop\u001b[22m',
  );
  expect(render({})).not.toContain('\u001b');
});

it('draws no service above itself where a gateway that calls it is called by it', () => {
  const chain = chainOf('orders', [
    span('1', 'web'),
    span('2', 'gw', { parent: '1' }),
    span('3', 'orders', { parent: '2' }),
    span('4', 'gw', { parent: '3' }),
    span('5', 'stock', { parent: '4' }),
  ]);
  const drawn = (direction: 'upstream' | 'downstream') =>
    chainTree(chain, direction, 60).lines.map(({ node }) => node.id);
  expect([drawn('upstream'), drawn('downstream')]).toEqual([
    ['gw', 'web'],
    ['gw', 'stock'],
  ]);
});

it('is Chinese but for names, reasons and what the JSON holds', () => {
  const texts = textsOf('zh');
  const alone = render({ status: 'unknown', edges: [] }, { texts });
  expect(alone).toContain('未知');
  const edges = [edge('shop', 'stock')];
  const downstream = [{ service: 'stock', hops: 1 }];
  const partial = render(
    { status: 'partial', truncated: ['traces'], downstream, edges },
    { texts, width: 60 },
  );
  expect(partial).toContain('被以下服务调用');
  expect(partial).toContain('traces: 调用链数量超过单次读取的上限');
  expect(partial).toMatch(/次调用 · 错误率/);
  for (const line of partial.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(60);
});
