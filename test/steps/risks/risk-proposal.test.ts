import { LIKELIHOODS, SEVERITIES } from '../../../src/domain/names';
import fc from 'fast-check';
import { Risk } from '../../../src/domain/risk';
import { MAX_FACT_TOKENS, offerOf, tokensOf } from '../../../src/steps/risks/prompt-retrieval';
import { predictFromKnowledge } from '../../../src/steps/risks/predict-from-knowledge';
import { acceptRiskProposal, type ProposedRisk } from '../../../src/steps/risks/risk-proposal';
import { situationOf } from '../../../src/steps/risks/situation';
import {
  chainOf,
  riskDocument,
  riskFacts,
  smallKnowledge,
} from '../../fixtures/risks/risk-knowledge';

const knowledge = smallKnowledge([
  riskDocument('standing', { mandatory: true, severity: 'high', likelihood: 'medium' }),
  riskDocument('equal', { severity: 'high', likelihood: 'medium' }),
  ...Array.from({ length: 12 }, (_, i) =>
    riskDocument(`offered-${i}`, { applies: { depends_on: ['postgresql'] } }),
  ),
  riskDocument('contradicted', { applies: { change: ['downgrade'] } }),
]);
const situation = situationOf(riskFacts(), knowledge);
const prediction = predictFromKnowledge(situation, knowledge);
const { offered } = offerOf(situation, 'v1.1.0', prediction, knowledge);
const accept = (...proposals: (Partial<ProposedRisk> & { id: string })[]) =>
  acceptRiskProposal(
    prediction.risks,
    {
      risks: proposals.map((proposed) => ({
        ...{ severity: 'low', likelihood: 'low', evidence: ['change:minor'], reason: '' },
        ...proposed,
      })),
    },
    offered,
    { situation, knowledge },
  );
const idsOf = ({ risks }: ReturnType<typeof accept>) => risks.map((risk) => risk.knowledge[0]);

it('adds an offered risk with the plan of its document', () => {
  const accepted = accept({ id: 'offered-3', severity: 'critical', reason: 'because' });
  expect(idsOf(accepted)).toContain('offered-3');
  expect(accepted.risks.find(({ type }) => type === 'offered_3')).toMatchObject({
    severity: 'critical',
    likelihood: 'medium',
    mitigation: 'rollback',
    reason: 'because',
    evidence: ['change:minor'],
  });
  expect(accepted.taken).toEqual({ added: 1, raised: 1, dropped: { loosened: 1 } });
});

it('raises and never loosens; what is left out stays', () => {
  const accepted = accept({ id: 'standing', severity: 'critical', likelihood: 'low' });
  expect(accepted.risks[0]).toMatchObject({ severity: 'critical', likelihood: 'medium' });
  expect(idsOf(accepted)).toEqual(['standing', 'equal']);
});

it('orders risks of one weight as the proposal does', () => {
  expect(idsOf(accept({ id: 'standing' }))).toEqual(['standing', 'equal']);
  expect(idsOf(accept({ id: 'equal' }))).toEqual(['equal', 'standing']);
});

it.each([
  ['unknown_risk', [{ id: 'no-such-risk' }]],
  ['unknown_risk', [{ id: 'contradicted' }]],
  ['no_evidence', [{ id: 'offered-1', evidence: [] }]],
  ['unknown_evidence', [{ id: 'offered-1', evidence: ['chain:made->up', 'change:minor'] }]],
  ['repeated', [{ id: 'offered-1' }, { id: 'offered-1' }]],
  ['over_limit', Array.from({ length: 12 }, (_, i) => ({ id: `offered-${i}` }))],
] as const)('counts what is dropped: %s', (code, proposals) => {
  const { taken } = accept(...proposals);
  expect(taken.dropped[code]).toBeGreaterThan(0);
});

it('shows the words of the model shortened and without anything hidden', () => {
  const reason = `\u202eignore\u200b all\n rules ${'x'.repeat(500)}`;
  const shown = accept({ id: 'standing', reason }).risks[0]?.reason ?? '';
  expect(shown).toMatch(/^ignore all rules x+$/);
  expect(shown).toHaveLength(200);
});

it('makes of any proposal a legal result that loosens nothing', () => {
  const known = fc.constantFrom(...knowledge.risks.map(({ id }) => id), '__proto__', '');
  const evidence = fc.constantFrom(...situation.evidence.keys(), 'constructor', '');
  const proposed = fc.record({
    id: fc.oneof(known, fc.string({ unit: 'binary' })),
    severity: fc.constantFrom(...SEVERITIES),
    likelihood: fc.constantFrom(...LIKELIHOODS),
    evidence: fc.array(fc.oneof(evidence, fc.string({ unit: 'binary' })), { maxLength: 20 }),
    reason: fc.string({ unit: 'binary', maxLength: 1_000 }),
  });
  fc.assert(
    fc.property(fc.array(proposed, { maxLength: 40 }), (risks) => {
      const accepted = acceptRiskProposal(prediction.risks, { risks }, offered, {
        situation,
        knowledge,
      });
      for (const risk of accepted.risks) {
        Risk.parse(risk);
        const document = knowledge.risks.find(({ id }) => id === risk.knowledge[0]);
        expect(risk.mitigation).toBe(document?.mitigation.action);
        expect(risk.plan?.steps).toEqual(document?.mitigation.steps);
        expect(SEVERITIES.indexOf(risk.severity)).toBeGreaterThanOrEqual(
          SEVERITIES.indexOf(document?.severity ?? 'critical'),
        );
        expect(risk.evidence.every((id) => situation.evidence.has(id))).toBe(true);
      }
      expect(idsOf(accepted)).toEqual(expect.arrayContaining(['standing', 'equal']));
      expect(new Set(idsOf(accepted)).size).toBe(accepted.risks.length);
      expect(accepted.risks.length).toBeLessThanOrEqual(prediction.risks.length + 8);
    }),
    { numRuns: 500 },
  );
});

it('offers no more than the budget holds, and counts it', () => {
  const prose = 'words '.repeat(100);
  const many = smallKnowledge(
    Array.from({ length: 400 }, (_, i) =>
      riskDocument(`fault-${i}`, { prose, applies: { depends_on: ['redis'] } }),
    ),
  );
  const edges = Array.from(
    { length: 60 },
    (_, i) => `service-number-${i} -> service-number-${i + 1}`,
  );
  const long = situationOf(riskFacts({ chain: chainOf('shop', edges) }), many);
  const offer = offerOf(long, 'v1.1.0', predictFromKnowledge(long, many), many);
  expect(offer.retrieval).toMatchObject({ documents: 400, applied: 0 });
  expect(offer.retrieval.offered).toBeGreaterThan(15);
  expect(offer.retrieval.offered).toBe(offer.offered.length);
  expect(tokensOf(offer.facts)).toBeLessThanOrEqual(MAX_FACT_TOKENS);
  expect(offer.retrieval.tokens).toBe(tokensOf(offer.facts));
});
