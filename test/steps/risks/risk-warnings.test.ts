import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { riskWarnings } from '../../../src/steps/risks/risk-warnings';
import type { Situation } from '../../../src/steps/risks/situation';
import { chain } from '../../fixtures/outcomes';

const knowledge = {
  services: [{ service: 'cart', kind: 'http-service', description: '' }],
} as unknown as Knowledge;
const situation = { kind: 'http-service', evidence: new Map() } as unknown as Situation;
const edge = (caller: string, callee: string, calls: number, errors: number | null) => ({
  ...{ caller, callee, calls, errors, scale: 1 },
  via: 'sync' as const,
});
const warningsFor = (edges: ServiceChain['edges'], changes: Partial<ServiceChain> = {}) =>
  riskWarnings(
    {
      service: 'cart',
      chain: { ...chain, service: 'cart', edges, status: 'ok', ...changes },
      situation,
    },
    knowledge,
  );

it('warns with numbers of calls next to the service that fail before the release', () => {
  const found = warningsFor([
    edge('cart', 'pricing', 120, 12),
    edge('shop', 'cart', 100, 0),
    edge('pricing', 'tax', 100, 50),
  ]);
  expect(found).toEqual([
    {
      step_name: 'RiskPrediction',
      code: 'CallsFail',
      message:
        '12 of 120 calls from cart to pricing fail (10 %) in the sampled traces, before the release',
    },
  ]);
});

it('does not warn of a few failures, nor where failures are not known', () => {
  expect(warningsFor([edge('cart', 'pricing', 3, 1), edge('cart', 'tax', 500, null)])).toEqual([]);
});

it('names what is missing of the chain', () => {
  expect(warningsFor([], { status: 'partial', truncated: ['traces'] })).toMatchObject([
    { code: 'ChainPartial', message: 'the service chain is incomplete: traces' },
  ]);
});
