import { stripVTControlCharacters } from 'node:util';
import { riskBlocks } from '../../../src/cli/render/risk-blocks';
import { ENGLISH } from '../../../src/cli/texts/texts';
import { renderRisks } from '../../../src/cli/render/risks';
import { riskPrediction } from '../../fixtures/outcomes';

const plan = {
  steps: ['Take a heap profile', 'Restart'],
  not_when: ['It grew before'],
  repair_observation_time: '1800s',
};
const details = {
  ...riskPrediction.details,
  risks: riskPrediction.details.risks.map((risk) => ({ ...risk, plan })),
  retrieval: { documents: 64, applied: 9, offered: 12, tokens: 3000 },
  proposal: { added: 1, raised: 2, dropped: { unknown_risk: 3 } },
};
const warnings = [
  { step_name: 'RiskPrediction' as const, code: 'ChainUnknown', message: 'no trace shows it' },
];
const shown = stripVTControlCharacters(
  renderRisks({ result: { ...riskPrediction, details }, warnings }),
);

it.each([
  'memory_leak',
  'high',
  'medium',
  'restart, then observe for 30 min',
  '1. Take a heap profile',
  '2. Restart',
  'not when  It grew before',
  'version:v1.0.0->v1.1.0',
  'risks/memory-leak.md',
  '9 of 64 documents apply, 12 more were offered',
  'the model added 1 and raised 2; dropped: 3 unknown_risk',
  '! RiskPrediction ChainUnknown: no trace shows it',
])('shows %s', (text) => expect(shown).toContain(text));

it('keeps to the width of the terminal, and lets no text move the cursor', () => {
  const reason = `${'a long reason '.repeat(30)}\u001b[2J\u202e`;
  const risks = details.risks.map((risk) => ({ ...risk, reason }));
  const lines = riskBlocks(risks, [], { texts: ENGLISH, width: 60 }).map(stripVTControlCharacters);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(lines.join()).not.toMatch(/[\u001b\u202e]/u);
});

it('tells what the model did, and what the facts say that it cites', () => {
  const risks = details.risks.map((risk) => ({ ...risk, model: 'added' as const }));
  const evidence = [{ id: 'version:v1.0.0->v1.1.0', says: 'v1.0.0 is replaced by v1.1.0' }];
  const text = riskBlocks(risks, evidence, { texts: ENGLISH, width: 100 })
    .map(stripVTControlCharacters)
    .join('\n');
  expect(text).toContain('added by the model, which worded the reason');
  expect(text).toContain('version:v1.0.0->v1.1.0: v1.0.0 is replaced by v1.1.0');
});
