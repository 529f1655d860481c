import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { MAX_RISKS, predictFromKnowledge } from '../../../src/steps/risks/predict-from-knowledge';
import { situationOf, type RiskFacts } from '../../../src/steps/risks/situation';
import {
  chainOf,
  profile,
  riskDocument,
  riskFacts,
  smallKnowledge,
} from '../../fixtures/risks/risk-knowledge';
import { shippedKnowledge } from '../../fixtures/knowledge';

const predict = (knowledge: Knowledge, facts: Partial<RiskFacts> = {}) =>
  predictFromKnowledge(situationOf(riskFacts(facts), knowledge), knowledge);
const typesOf = (knowledge: Knowledge, facts: Partial<RiskFacts> = {}) =>
  predict(knowledge, facts).risks.map(({ type }) => type);

const chain = chainOf('shop', ['web -> shop', 'app -> shop', 'shop -> redis'], ['redis']);
type Applies = Knowledge['risks'][number]['applies'];
const holds: [string, Applies, Partial<RiskFacts>, string[]][] = [
  ['nothing', {}, {}, ['version:v1.0.0->v1.1.0']],
  ['kinds', { kinds: ['http-service'] }, { chain }, ['kind:http-service']],
  ['depends_on', { depends_on: ['postgresql', 'redis'] }, { chain }, ['chain:shop->redis']],
  ['position', { position: ['leaf', 'shared_dependency'] }, { chain }, ['chain:shared_dependency']],
  ['change', { change: ['major', 'minor'] }, {}, ['change:minor']],
  ['prerelease', { change: ['prerelease'] }, { candidate: 'v1.1.0-rc.1' }, ['change:prerelease']],
  ['min_hosts', { min_hosts: 7 }, {}, ['fleet:7']],
  ['max_hosts', { max_hosts: 7 }, {}, ['fleet:7']],
  ['mixed', { mixed_versions: true }, { versions: { a: 1, b: 2 } }, ['versions:2']],
  ['unmixed', { mixed_versions: false }, {}, ['versions:1']],
  ['not_kinds', { not_kinds: ['redis'] }, { chain }, ['kind:http-service']],
  ['history', { history: ['first_release'] }, { versions: {} }, ['history:first_release']],
  [
    'all together',
    { kinds: ['http-service'], change: ['minor'], min_hosts: 2 },
    { chain },
    ['kind:http-service', 'change:minor', 'fleet:7'],
  ],
];
it.each(holds)('%s: applies, and cites what makes it', (_name, applies, facts, evidence) => {
  const [risk] = predict(smallKnowledge([riskDocument('fault', { applies })]), facts).risks;
  expect(risk?.evidence).toEqual(evidence);
});

const fails: [string, Applies, Partial<RiskFacts>][] = [
  ['kinds', { kinds: ['redis'] }, { chain }],
  ['depends_on', { depends_on: ['postgresql'] }, { chain }],
  ['depends_on without a chain', { depends_on: ['redis'] }, {}],
  ['position', { position: ['leaf'] }, { chain }],
  ['change', { change: ['major'] }, {}],
  ['min_hosts', { min_hosts: 8 }, {}],
  ['max_hosts', { max_hosts: 6 }, {}],
  ['mixed', { mixed_versions: true }, {}],
  ['not_kinds', { not_kinds: ['general'] }, { chain }],
  ['history', { history: ['rolled_back_before'] }, {}],
  ['history unread', { history: ['first_release'] }, { history: null, versions: {} }],
  ['one of two', { change: ['minor'], min_hosts: 8 }, {}],
];
it.each(fails)('%s: does not apply', (_name, applies, facts) => {
  expect(typesOf(smallKnowledge([riskDocument('fault', { applies })]), facts)).toEqual([]);
});

it('applies in any one of its cases, and cites the facts of each that holds', () => {
  const document = riskDocument('messages', {
    applies: { depends_on: ['postgresql'] },
    also_applies: [{ kinds: ['http-service'], change: ['minor'] }, { change: ['major'] }],
  });
  const { risks } = predict(smallKnowledge([document]), { chain });
  expect(risks.map(({ evidence }) => evidence)).toEqual([['kind:http-service', 'change:minor']]);
});

it('is silent, not contradicted, as long as one case is', () => {
  const document = riskDocument('messages', {
    applies: { change: ['major'] },
    also_applies: [{ kinds: ['redis'] }],
  });
  expect(predict(smallKnowledge([document]), { chain }).open.map(({ id }) => id)).toEqual([
    'messages',
  ]);
});

it('counts what a technology extends', () => {
  const document = riskDocument('fault', { applies: { kinds: ['http-service'] } });
  const knowledge = smallKnowledge([document], [profile('shop', 'spring-boot')]);
  expect(typesOf(knowledge)).toEqual(['fault']);
});

it('takes what the profile names, whatever the service is, but not against the release itself', () => {
  const applies = { kinds: ['redis'], depends_on: ['postgresql'] };
  const documents = [
    riskDocument('named', { applies }),
    riskDocument('named-for-major', { applies: { ...applies, change: ['major'] } }),
  ];
  const risks = ['named', 'named-for-major'];
  const knowledge = smallKnowledge(documents, [profile('shop', 'http-service', { risks })]);
  expect(typesOf(knowledge)).toEqual(['named']);
});

it('raises where the conditions of a raise hold', () => {
  const raises = [
    { when: { change: ['minor' as const] }, severity: 'critical' as const },
    { when: { min_hosts: 100 }, likelihood: 'high' as const },
  ];
  const [risk] = predict(smallKnowledge([riskDocument('fault', { raises })])).risks;
  expect(risk).toMatchObject({ severity: 'critical', likelihood: 'medium' });
  expect(risk?.evidence).toContain('change:minor');
});

it('takes the plan from the document', () => {
  const [risk] = predict(smallKnowledge([riskDocument('fault')])).risks;
  expect(risk).toMatchObject({
    mitigation: 'rollback',
    plan: { steps: ['Step of fault'], not_when: [], repair_observation_time: '600s' },
  });
});

it('keeps the worst, and every mandatory one', () => {
  const documents = [
    ...Array.from({ length: 40 }, (_, i) => riskDocument(`high-${i}`, { severity: 'critical' })),
    riskDocument('small', { severity: 'low', likelihood: 'low', mandatory: true }),
  ];
  const { risks, open, applied } = predict(smallKnowledge(documents));
  expect(risks).toHaveLength(MAX_RISKS);
  expect(risks.at(-1)?.type).toBe('small');
  expect(applied).toBe(41);
  expect(open).toHaveLength(41 - MAX_RISKS);
});

it('prefers, among equals, the document that speaks of this release', () => {
  const documents = [
    riskDocument('any'),
    riskDocument('some', { words: ['redis', 'cache'] }),
    riskDocument('zebra', { words: ['windows'] }),
  ];
  expect(typesOf(smallKnowledge(documents), { chain })).toEqual(['some', 'any', 'zebra']);
});

it('offers what the facts are silent of, and never what the release contradicts', () => {
  const documents = [
    riskDocument('silent', { applies: { depends_on: ['postgresql'] } }),
    riskDocument('wrong', { applies: { depends_on: ['redis'], change: ['downgrade'] } }),
  ];
  expect(predict(smallKnowledge(documents), { chain }).open.map(({ id }) => id)).toEqual([
    'silent',
  ]);
});

describe('our knowledge base', () => {
  let knowledge: Knowledge;
  beforeAll(async () => {
    knowledge = await shippedKnowledge();
  });
  const edges = ['api-gateway -> user-service', 'user-service -> redis'];
  const facts = { service: 'user-service', chain: chainOf('user-service', edges, ['redis']) };

  it('cites facts and documents that exist, for each risk', () => {
    const situation = situationOf(riskFacts(facts), knowledge);
    const documents = new Set([...knowledge.risks, ...knowledge.technologies].map(({ id }) => id));
    const { risks } = predictFromKnowledge(situation, knowledge);
    expect(risks.length).toBeGreaterThan(8);
    for (const risk of risks) {
      expect(risk.evidence.filter((id) => !situation.evidence.has(id))).toEqual([]);
      expect(risk.knowledge.filter((id) => !documents.has(id))).toEqual([]);
    }
  });

  it.each([
    ['no chain', { ...facts, chain: null }],
    ['no profile', { ...facts, service: 'nobody-knows-it' }],
    ['no history', { ...facts, history: null }],
    ['nothing at all', { chain: null, history: null, versions: {}, candidate: 'x' }],
  ])('has its mandatory risks with plans when there is %s', (_name, given) => {
    const risks = predict(knowledge, given).risks;
    const mandatory = knowledge.risks.filter(
      (document) => document.mandatory && Object.keys(document.applies).length === 0,
    );
    expect(mandatory.length).toBeGreaterThan(0);
    expect(risks.map(({ type }) => type)).toEqual(
      expect.arrayContaining(mandatory.map(({ type }) => type)),
    );
    expect(risks.every(({ plan, evidence }) => plan !== undefined && evidence.length > 0)).toBe(
      true,
    );
  });
});
