import { riskResult } from '../../../src/steps/risks/risk-result';
import type { Situation } from '../../../src/steps/risks/situation';
import { chain, riskPrediction } from '../../fixtures/outcomes';

it('keeps who is neither upstream nor downstream: stores, and services without direction', () => {
  const store = { id: 'user-db', kind: 'external' as const };
  const odd = { id: 'audit', kind: 'service' as const };
  const found = {
    risks: [],
    situation: { service: chain.service, evidence: new Map() } as unknown as Situation,
    chain: {
      ...chain,
      nodes: [...chain.nodes, { id: 'gateway', kind: 'service' as const }, store, odd],
      upstream: [{ service: 'gateway', hops: 1 }],
    },
    retrieval: { documents: 0, applying: 0, offered: 0, tokens: 0 } as never,
    proposal: undefined,
  };
  const about = { reasoning: riskPrediction.details.reasoning, degraded: false, timestamp: '' };
  expect(riskResult(found, about).details.chain.nodes).toEqual([store, odd]);
});
