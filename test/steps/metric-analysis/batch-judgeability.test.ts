import {
  judgeBatch,
  type BatchEvidence,
} from '../../../src/steps/metric-analysis/batch-judgeability';

const rule = { judgeable: 'judgeable' } as const;
const evidence = (changes: Partial<BatchEvidence> = {}): BatchEvidence => ({
  rule,
  hosts: { label: 'instance', values: ['web-1:80', 'web-2:80'] },
  ...changes,
});
const host = (name: string) => ({ host_id: name, host_ip: `ip-${name}` });

describe('judgeBatch', () => {
  it('keeps the verdict of the rule when the batch can be seen', () => {
    expect(judgeBatch(evidence(), { hosts: [host('web-1')] })).toBe(rule);
  });

  it.each([
    ['no host of the batch has series', ['db-1'], {}, 'blind', 'wrong_label'],
    ['some hosts have none', ['web-1', 'db-1'], {}, 'weak', 'hosts_missing'],
    ['the rule is blind', ['web-1'], { rule: { ...rule, judgeable: 'blind' } }, 'blind', undefined],
  ] as const)('says so when %s', (_, names, changes, judgeable, defect) => {
    const verdict = judgeBatch(evidence(changes), { hosts: names.map(host) });
    expect([verdict.judgeable, verdict.defect]).toEqual([judgeable, defect]);
  });
});
