import { stripVTControlCharacters } from 'node:util';
import { renderRisks } from '../../src/cli/render-risks';
import { riskPrediction } from '../fixtures/outcomes';

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
  'restart, then look for 1800s',
  '1. Take a heap profile',
  'not when: It grew before',
  'version:v1.0.0->v1.1.0',
  'memory-leak',
  '9 of 64 documents apply, 12 more were offered',
  'the model added 1 and raised 2; dropped: 3 unknown_risk',
  '! ChainUnknown: no trace shows it',
])('shows %s', (text) => expect(shown).toContain(text));
