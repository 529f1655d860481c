import type { Risk } from '../../../src/domain/risk';
import { onBreach } from '../../../src/steps/constraint/on-breach';

const risk = (type: string, mitigation: Risk['mitigation']): Risk => ({
  ...{ type, mitigation, severity: 'high', likelihood: 'medium', reason: '', evidence: ['x'] },
  ...{ knowledge: [`${type}-doc`], watch: ['Memory'] },
  plan: { steps: ['x'], not_when: [], repair_observation_time: '900s' },
});
const facts = {
  rule: { severity: 'high' as const },
  capabilities: ['deploy', 'rollback', 'restart', 'drain_host'],
  repairObservation: '600s',
};
const actionsOf = (risks: Risk[], changes: Partial<typeof facts> = {}) =>
  onBreach({ ...facts, ...changes, risks }).map(({ action }) => action);

it('repairs as the plans of the risks say, then rolls back', () => {
  const risks = [
    risk('memory_leak', 'restart'),
    risk('load', 'drain_host'),
    risk('cpu', 'rollback'),
  ];
  expect(actionsOf(risks)).toEqual(['restart', 'drain_host', 'rollback']);
  expect(onBreach({ ...facts, risks })[0]).toEqual({
    ...{ action: 'restart', risk: 'memory_leak', knowledge: 'memory_leak-doc', hosts: 'batch' },
    repair_observation_time: '900s',
  });
});

it('rolls back at once where the first risk asks for it', () =>
  expect(actionsOf([risk('error_rate', 'rollback'), risk('memory_leak', 'restart')])).toEqual([
    'rollback',
  ]));

it('leaves out what the release system cannot do', () => {
  const risks = [risk('load', 'scale_out'), risk('memory_leak', 'restart')];
  expect(actionsOf(risks)).toEqual(['restart', 'rollback']);
  expect(actionsOf(risks, { capabilities: ['deploy'] })).toEqual(['pause']);
});

it('leaves a migration to a person', () =>
  expect(actionsOf([risk('schema_migration', 'pause'), risk('x', 'restart')])).toEqual(['pause']));

it('does not repair what is critical', () =>
  expect(
    onBreach({ ...facts, rule: { severity: 'critical' }, risks: [risk('m', 'restart')] }),
  ).toEqual([{ action: 'rollback', hosts: 'released', repair_observation_time: '600s' }]));

it('repairs at most twice, and never twice in the same way', () => {
  const same = [
    risk('a', 'restart'),
    risk('b', 'restart'),
    risk('c', 'drain_host'),
    risk('d', 'scale_out'),
  ];
  expect(actionsOf(same, { capabilities: [...facts.capabilities, 'scale_out'] })).toEqual([
    ...['restart', 'drain_host', 'rollback'],
  ]);
});

it('ends with rollback or a person where no risk watches the group', () => {
  expect(actionsOf([])).toEqual(['rollback']);
  expect(actionsOf([], { capabilities: [] })).toEqual(['pause']);
});
