import { startElasticsearch } from '../../fixtures/servers/elasticsearch';
import { edgesOf, fieldChains, loadField, membersOf, parentPairs, saysOf } from './field-cases';

jest.setTimeout(300_000);

let server: Awaited<ReturnType<typeof startElasticsearch>>;
let chainOf: ReturnType<typeof fieldChains>;
beforeAll(async () => {
  server = await startElasticsearch('8.19.9');
  await loadField(server.url);
  await fetch(`${server.url}/empty-of-fields/_doc?refresh=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'written without a template' }),
  });
  chainOf = fieldChains(server.url);
});
afterAll(() => server?.stop());

describe('no false statement', () => {
  it.each([
    ['c40-', 'ads', 'gw(1) web(2) | '],
    ['c14-', 'ads', 'internal-gw(1) web(2) | '],
    ['c14-', 'orders', 'internal-gw(1) web(2) | internal-gw(1) stock(2)'],
    ['c17-', 'pay', 'shop(1) | shop(1)'],
    ['c17-', 'mail', 'shop(1) | '],
    ['c41-', 'orders-api', ' | billing(1)'],
    ['c41-', 'mailer', 'users-api(1) | '],
    ['c2-', 'orders-api', ' | billing(1)'],
    ['c26-', 'pub', ' | sub(1)'],
    ['c16-', 'web', ' | orders(1) stock(2) erp(3) ledger(4)'],
    ['c16-', 'stock', 'orders(1) web(2) | erp(1) ledger(2)'],
    ['c25-', 'web', ' | api(1)'],
    ['c30-', 'web', ' | api(1)'],
    ['c47-', 'HttpServerA', ' | HttpServerB(1) HttpServerC(2)'],
    ['c48-', 'api-gateway', ' | payment(1)'],
    ['c44-', 'checkout', ' | refund(1)'],
    ['c7-', 'upload', ' | thumbnailer(1)'],
  ])('%s%s has its members and no others', async (prefix, service, members) => {
    const chain = await chainOf(prefix, service);
    expect([membersOf(chain), chain.status]).toEqual([members, 'ok']);
  });

  it('counts no call twice that a message made', async () => {
    expect(edgesOf(await chainOf('c26-', 'pub'))).toEqual(['pub -> sub 20']);
  });

  it('credits the calls through a sidecar to whom they went', async () => {
    const chain = await chainOf('c4-', 'shop');
    expect(edgesOf(chain)).toEqual(['shop -> cart 40', 'shop ~> legacy-pay 40']);
    expect(chain.edges.map(({ errors }) => errors).sort()).toEqual([0, 20]);
  });

  it('has a node for each database', async () => {
    expect(edgesOf(await chainOf('c43-', 'web'))).toEqual([
      'orders => postgresql/orders-pg.prod:5432/orders 10',
      'users => postgresql/users-pg.prod:5432/users 10',
      'web -> orders 10',
      'web -> users 10',
    ]);
  });

  it.each([
    ['c3-', 'cart', 'production', 'staging', ' | payment(1)'],
    ['c42-', 'cart', 'production', 'staging', ' | payment(1)'],
    ['c45-', 'api', 'shop', 'admin', ' | cart(1)'],
  ])(
    '%s%s says that %s is mixed with %s, and tells them apart',
    async (prefix, service, one, other, members) => {
      const mixed = await chainOf(prefix, service);
      expect([mixed.status, mixed.truncated]).toEqual(['partial', ['environments']]);
      expect(saysOf(mixed)).toContain([one, other].sort().join(', '));
      const chain = await chainOf(prefix, service, { environment: one });
      expect([chain.status, membersOf(chain)]).toEqual(['ok', members]);
      expect((await chainOf(prefix, service, { environment: 'nowhere' })).status).toBe('unknown');
    },
  );
});

describe('spans of a real application', () => {
  it('in two modes of one exporter show the same edges, and each call is one of a parent and its child', async () => {
    const pairs = new Set(parentPairs('c34-real-otel.ndjson.gz'));
    for (const service of ['gateway', 'catalog', 'checkout', 'payment', 'notify']) {
      const [otel, none] = [await chainOf('c34-', service), await chainOf('c34n-', service)];
      expect([otel.source.schema, none.source.schema]).toEqual(['otel', 'otel-none']);
      expect(membersOf(none)).toBe(membersOf(otel));
      for (const { edges, nodes } of [otel, none]) {
        const services = new Set(nodes.filter((n) => n.kind === 'service').map(({ id }) => id));
        const between = edges.filter(({ callee, via }) => services.has(callee) && via === 'sync');
        expect(between.length).toBeGreaterThan(0);
        for (const { caller, callee } of between) expect(pairs).toContain(`${caller} ${callee}`);
      }
    }
  });

  it('of which 40 % were lost show what is left, and say it', async () => {
    const chain = await chainOf('c18-', 'web');
    expect([membersOf(chain), chain.truncated]).toEqual([' | api(1) db-svc(2)', ['orphans']]);
  });

  it('with clocks that differ and negative durations are joined all the same', async () => {
    const chain = await chainOf('c19-', 'web');
    expect([edgesOf(chain), chain.status]).toEqual([['web -> api 30'], 'ok']);
  });
});

describe('what is missing is said', () => {
  it('finds a rare callee whatever the sample holds, and says that it is a sample', async () => {
    const chain = await chainOf('c38-', 'pay');
    expect([chain.status, chain.truncated]).toEqual(['partial', ['traces']]);
    expect(membersOf(chain)).toBe('shop(1) | ledger(1)');
    expect(saysOf(chain)).toContain('300 of about 2000 traces were read');
    const hour = await chainOf('c38-', 'pay', {
      window: '2026-11-29T16:00:00Z/2026-11-29T17:00:00Z',
    });
    expect(hour.truncated).not.toContain('shards');
  });

  it('joins a trace that two schemas share', async () => {
    expect(edgesOf(await chainOf('c1-', 'web'))).toEqual([
      'order -> stock 40',
      'order => postgresql 40',
      'web -> order 40',
    ]);
    expect(membersOf(await chainOf('c1-', 'order'))).toBe('web(1) | stock(1)');
    expect(membersOf(await chainOf('c1-', 'stock'))).toBe('order(1) web(2) | ');
  });

  it('joins the halves of a trace with ids of 64 and of 128 bits, from each side', async () => {
    expect(membersOf(await chainOf('c28-', 'edge'))).toBe(' | old(1)');
    expect(membersOf(await chainOf('c28-', 'old'))).toBe('edge(1) | ');
  });

  it.each([
    ['c37-', 't0', 'depth', 'ends after 5 services'],
    ['c21-', 'front', 'names', 'unknown_service:node'],
    ['c20-', 'web', 'clock-skew', '8 h after'],
    ['c35-', 'web', 'orphans', 'parent that was not found'],
  ])('%s%s is partial for %s', async (prefix, service, reason, words) => {
    const chain = await chainOf(prefix, service);
    expect(chain.status).toBe('partial');
    expect(chain.truncated).toContain(reason);
    expect(saysOf(chain)).toContain(words);
  });
});

describe('callees without instrumentation', () => {
  it('are unresolved nodes, by whatever attribute names them', async () => {
    const chain = await chainOf('c5-', 'api');
    expect(edgesOf(chain)).toEqual([
      'api ~> ads.prod.svc.cluster.local:9090 20',
      'api ~> bank.example.com 20',
      'api ~> crm.example.com 20',
      'api ~> fraud-engine 20',
      'api ~> geo.GeoService 20',
      'api ~> ldap-0:389 20',
      'api ~> tax-legacy:8080 20',
    ]);
    expect(chain.nodes.find(({ id }) => id.startsWith('ads'))?.candidates).toEqual(['ads']);
  });

  it('are one node for the addresses of many pods', async () => {
    expect(edgesOf(await chainOf('c6-', 'edge'))).toEqual(['edge ~> 10.0.0.0/8:8080 120']);
  });

  it('are offered as the service that a name in a cluster stands for', async () => {
    const { nodes } = await chainOf('c29-', 'front');
    const pay = nodes.find(({ id }) => id.startsWith('pay.prod'));
    expect([pay?.kind, pay?.candidates]).toEqual(['unresolved', ['pay']]);
  });

  it('keep the calls that nobody answered during an outage', async () => {
    const chain = await chainOf('c46-', 'web');
    expect(edgesOf(chain)).toEqual(['web -> api 181', 'web ~> api.internal:443 119']);
    expect(chain.nodes.find(({ kind }) => kind === 'unresolved')?.candidates).toEqual(['api']);
  });

  it('are offered as the versions that answered', async () => {
    const { nodes } = await chainOf('c39-', 'web');
    expect(nodes.find(({ kind }) => kind === 'unresolved')?.candidates).toEqual([
      'order-v1',
      'order-v2',
    ]);
  });
});

describe('logs', () => {
  it('of concurrent calls are no chain', async () => {
    const chain = await chainOf('l2-', 'gateway');
    expect([membersOf(chain), chain.status]).toEqual([' | search(1)', 'partial']);
    expect(chain.truncated).toContain('concurrent');
    expect(saysOf(chain)).toContain('auth ran during search');
    expect(membersOf(await chainOf('l2-', 'auth'))).toBe(' | ');
  });

  it('of parallel calls give members and no direction, and say why', async () => {
    const chain = await chainOf('l1-', 'gateway');
    expect([chain.status, chain.edges, membersOf(chain)]).toEqual(['partial', [], ' | ']);
    expect(chain.truncated).toContain('clock-skew');
    expect(chain.nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(['cart', 'catalog']));
  });

  it('of the Elastic Common Schema show who was called, as an inference', async () => {
    const chain = await chainOf('=filebeat-8.19.9-2026.11.29', 'payment');
    expect([membersOf(chain), chain.source.basis]).toEqual(['gateway(1) | ', 'logs']);
    expect(chain.edges.map(({ caller, callee, via }) => [caller, callee, via])).toEqual([
      ['gateway', 'payment', 'inferred'],
    ]);
  });

  it.each(['=logs-generic.otel-default', '=logstash-2026.11.29'])(
    'of %s, in which calls cross, are read and give no direction',
    async (where) => {
      const chain = await chainOf(where, 'payment');
      expect([chain.source.basis, chain.status, membersOf(chain)]).toEqual([
        'logs',
        'partial',
        ' | ',
      ]);
      expect(chain.truncated).toContain('clock-skew');
    },
  );

  it.each(['=filebeat-8.19.9-2026.11.29', '=logstash-2026.11.29'])(
    'of %s are read as many as a sample holds, though all lie in one slice',
    async (where) => {
      const { source, status } = await chainOf(where, 'payment');
      expect([source.basis, source.traces.sampled]).toEqual(['logs', 150]);
      expect(status).toBe('partial');
    },
  );
});

it('says which mapping is missing', async () => {
  await expect(chainOf('=otel-traces', 'web')).rejects.toThrow(
    /otel-traces maps @timestamp as a text.*its index template is missing/,
  );
});

describe('where nothing is found', () => {
  it.each([
    ['c14-', 'Orders', {}, /names like Orders there: orders\b.*the indices hold 5 services/s],
    ['c39-', 'order', {}, /names like order there: order-v1, order-v2/],
    [
      'c14',
      'orders',
      {},
      /no index with TOPOLOGY_INDEX_PREFIX=c14 exists, but c14-.*set TOPOLOGY_INDEX_PREFIX=c14-/,
    ],
    ['nowhere-', 'orders', {}, /no index with TOPOLOGY_INDEX_PREFIX=nowhere- exists/],
    ['=nowhere', 'orders', {}, /no index of nowhere exists/],
    [
      'c14-',
      'orders',
      { window: '2026-01-01T00:00:00Z/2026-01-02T00:00:00Z' },
      /no document is in the window 2026-01-01.*the newest is of 2026-11-29/,
    ],
    [
      'c3-',
      'cart',
      { environment: 'nowhere' },
      /documents of cart, but none in TOPOLOGY_ENVIRONMENT=nowhere/,
    ],
    ['=empty-of-fields', 'cart', {}, /empty-of-fields exists, but has none of the fields.*mapping/],
  ])('%s%s %j is helped', async (where, service, more, words) => {
    const chain = await chainOf(where, service, more);
    expect(chain.status).toBe('unknown');
    expect(saysOf(chain)).toMatch(words);
  });
});
