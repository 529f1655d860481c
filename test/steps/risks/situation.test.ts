import { situationOf } from '../../../src/steps/risks/situation';
import { chainOf, profile, riskFacts, smallKnowledge } from '../../fixtures/risks/risk-knowledge';

const knowledge = smallKnowledge([]);
const positionsOf = (edges: string[], outside: string[] = []) => [
  ...situationOf(riskFacts({ chain: chainOf('shop', edges, outside) }), knowledge).positions.keys(),
];

describe('positions', () => {
  it.each([
    [['web -> shop'], ['has_upstream', 'leaf']],
    [['shop -> stock'], ['has_downstream', 'entry']],
    [
      ['web -> shop', 'app -> shop', 'shop -> stock'],
      ['has_upstream', 'has_downstream', 'shared_dependency'],
    ],
    [
      ['web -> shop', 'shop -> mails topic'],
      ['has_upstream', 'has_downstream', 'has_async'],
    ],
    [
      ['web -> shop', 'web -> stock'],
      ['has_upstream', 'leaf'],
    ],
    [[], ['entry', 'leaf']],
    [['shop -> shop'], ['entry', 'leaf']],
    [
      ['web -> shop inferred', 'shop -> stock'],
      ['has_upstream', 'has_downstream'],
    ],
  ])('%j: %j', (edges, positions) => {
    expect(positionsOf(edges).sort()).toEqual([...positions].sort());
  });

  it('has external what reports no spans', () => {
    expect(positionsOf(['shop -> redis'], ['redis'])).toContain('has_external');
  });

  it.each(['partial', 'unknown'] as const)('a %s chain shows no ends', (status) => {
    const chain = { ...chainOf('shop', []), status };
    expect(situationOf(riskFacts({ chain }), knowledge).positions.size).toBe(0);
  });

  it('sees the service in a chain of more edges than are told', () => {
    const busy = Array.from({ length: 200 }, (_, i) => `a${i} -> b${i}`);
    const chain = chainOf('shop', [...busy, 'web -> shop']);
    chain.edges = chain.edges.map((edge) => ({ ...edge, calls: edge.callee === 'shop' ? 1 : 99 }));
    const situation = situationOf(riskFacts({ chain }), knowledge);
    expect(situation.positions.get('has_upstream')).toEqual(['chain:web->shop']);
    expect(situation.evidence.size).toBeLessThan(80);
  });
});

describe('dependencies', () => {
  it.each([
    ['redis', ['redis']],
    ['session-cache', ['redis']],
    ['postgres15', ['postgresql']],
    ['orders-db-cockroachdb', ['cockroachdb', 'postgresql']],
    ['api.stripe.com:443', ['external-api']],
    ['api.acme.com', ['external-api']],
    ['ledger.prod.internal', []],
    ['10.0.0.7:5432', []],
    ['unknown', []],
  ])('%s is of %j', (callee, kinds) => {
    const chain = chainOf('shop', [`shop -> ${callee}`], [callee]);
    expect([...situationOf(riskFacts({ chain }), knowledge).dependsOn.keys()]).toEqual(kinds);
  });

  it.each(['shop -> mail topic', 'mail -> shop topic'])(
    '%s is of the broker that the spans name, though nobody calls it',
    (edge) => {
      const chain = chainOf('shop', [edge, 'mail -> web topic']);
      chain.edges = chain.edges.map((one) => ({ ...one, systems: ['cache', 'unheard-of'] }));
      const situation = situationOf(riskFacts({ chain }), knowledge);
      const [from, , to] = edge.split(' ');
      expect([...situation.dependsOn]).toEqual([['redis', [`chain:${from}->${to}`]]]);
      expect(situation.evidence.get(`chain:${from}->${to}`)?.says).toContain(
        '(topic, cache, unheard-of)',
      );
    },
  );

  it('takes the kind of a callee from its profile, and callees that no trace shows from the own one', () => {
    const told = smallKnowledge(
      [],
      [profile('ledger', 'postgresql'), profile('shop', 'http-service', { depends_on: ['cache'] })],
    );
    const chain = chainOf('shop', ['shop -> ledger']);
    const { dependsOn } = situationOf(riskFacts({ chain }), told);
    expect([...dependsOn]).toEqual([
      ['postgresql', ['chain:shop->ledger']],
      ['redis', ['profile:shop->cache']],
    ]);
  });
});

describe('kind', () => {
  const kindOf = (facts: Parameters<typeof riskFacts>[0], from = knowledge) =>
    situationOf(riskFacts(facts), from).kind;

  it('comes from the profile first', () => {
    const told = smallKnowledge([], [profile('shop', 'spring-boot')]);
    expect(kindOf({ chain: chainOf('shop', ['web -> shop']) }, told)).toBe('spring-boot');
  });
  it('then from the own name', () => {
    expect(kindOf({ service: 'orders-redis' })).toBe('redis');
    expect(kindOf({ service: 'redis-exporter' })).toBe('general');
  });
  it('then from how it is called', () => {
    expect(kindOf({ chain: chainOf('shop', ['web -> shop']) })).toBe('http-service');
    expect(kindOf({ chain: chainOf('shop', ['web -> shop topic']) })).toBe('queue-worker');
    expect(kindOf({ chain: null })).toBe('general');
  });
});

describe('history', () => {
  const past = {
    ...{ issue_id: 'shop-v1-0-0-r1', candidate: 'v1.0.0', revision: 1 },
    ...{ created_at: '2025-08-25T16:17:24+08:00', warnings: 2 },
  };
  const factsOf = (facts: Parameters<typeof riskFacts>[0]) => {
    const { history } = situationOf(riskFacts(facts), knowledge);
    return history && [...history];
  };

  it('a first release is recorded nowhere and runs nowhere', () => {
    expect(factsOf({ history: [], versions: {} })).toEqual([
      ['first_release', ['history:first_release']],
    ]);
    expect(factsOf({ history: [] })).toEqual([]);
    expect(factsOf({ history: [past], versions: {} })).toEqual([]);
  });
  it('an earlier preparation of the same candidate is no earlier release', () => {
    const again = { ...past, candidate: 'v1.1.0' };
    expect(factsOf({ history: [again], versions: {} })?.map(([fact]) => fact)).toEqual([
      'first_release',
    ]);
  });
  it('outcomes count once an executor has told them', () => {
    expect(factsOf({ history: [{ ...past, outcome: 'rolled_back' }] })).toEqual([
      ['failed_before', ['issue:shop-v1-0-0-r1']],
      ['rolled_back_before', ['issue:shop-v1-0-0-r1']],
    ]);
    expect(factsOf({ history: [{ ...past, outcome: 'succeeded' }] })).toEqual([]);
  });
  it('a store that cannot be read says nothing', () => {
    expect(factsOf({ history: null, versions: {} })).toBeNull();
  });
});

it('gives the same facts the same ids, and hides nothing in them', () => {
  const chain = chainOf('shop', ['web\u202e\u200b -> shop']);
  const idsOf = () => [...situationOf(riskFacts({ chain }), knowledge).evidence.keys()];
  expect(idsOf()).toEqual(idsOf());
  expect(idsOf()).toContain('chain:web->shop');
});
