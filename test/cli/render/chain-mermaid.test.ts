import { chainMermaid } from '../../../src/cli/render/chain-mermaid';
import { chain, edge, service } from '../../fixtures/spans/chains';

it('draws services, stores and unresolved callees with their calls', () => {
  expect(
    chainMermaid(
      chain({
        nodes: [
          ...['web', 'shop', 'audit'].map(service),
          { id: 'redis', kind: 'external' },
          { id: 'gateway:80', kind: 'unresolved', candidates: ['mail', 'ship'] },
        ],
        edges: [
          edge('web', 'shop', { calls: 45, errors: 11, scale: 2 }),
          edge('shop', 'redis', { calls: 7, errors: null }),
          edge('shop', 'gateway:80', { via: 'async', last_seen: '2026-08-20T10:00:00Z' }),
        ],
        upstream: [{ service: 'web', hops: 1 }],
      }),
    ),
  ).toBe(
    [
      'flowchart LR',
      '  n0["shop"]',
      '  n1["web"]',
      '  n2[("redis")]',
      '  n3{{"gateway:80<br/>could be mail, ship"}}',
      '  n4["audit"]',
      '  n1 -->|"sync · 90 · 24.4 % errors"| n0',
      '  n0 -->|"sync · 7"| n2',
      '  n0 -.->|"async · 1 · last seen 2026-08-20"| n3',
      '  classDef target stroke-width:3px',
      '  class n0 target',
    ].join('\n'),
  );
});

it('lets no name become syntax, markup or a list', () => {
  const names = [
    'a"]; click n0 "javascript:alert(1)"',
    '<img src=x onerror=y>',
    '`**bold**`',
    '1. first',
    '- item',
    'x\n%%{init: {}}%%',
    'end',
    '支付 😀',
  ];
  const text = chainMermaid(chain({ nodes: ['shop', ...names].map(service) }));
  const labels = text.split('\n').flatMap((line) => /^ {2}n\d+\["(.*)"\]$/.exec(line)?.[1] ?? []);
  expect(labels).toHaveLength(names.length + 1);
  for (const label of labels) expect(label).toMatch(/^(?:[\p{L}\p{M}\p{N} _.:/,%·…-]|#\d+;)+$/u);
  expect(labels).toContain('1#46; first');
  expect(labels).toContain('#45; item');
  expect(labels).toContain('支付 #128512;');
});

it('stays within what Mermaid draws and says what is left out', () => {
  const names = Array.from({ length: 400 }, (_, i) => `service-${i}`);
  const text = chainMermaid(
    chain({
      nodes: ['shop', ...names].map(service),
      edges: names.map((name) => edge('shop', name)),
    }),
  );
  expect(text.match(/-->/g)).toHaveLength(300);
  expect(text.length).toBeLessThan(50_000);
  expect(text).toContain('%% 100 more edges; --json has all');
});
