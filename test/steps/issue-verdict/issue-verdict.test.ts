import type { Issue } from '../../../src/domain/issue';
import type { Rule, WatchedGroup } from '../../../src/domain/metrics';
import { verdictOf } from '../../../src/steps/issue-verdict/issue-verdict';
import {
  issue,
  metricAnalysis,
  releasePlan,
  riskPrediction,
  versionCheck,
} from '../../fixtures/outcomes';

const base = metricAnalysis.details.metrics[0] as WatchedGroup;
const group = (name: string, rules: Partial<Rule>[] = [{}]): WatchedGroup => ({
  ...base,
  name,
  rules: rules.map((rule) => ({ ...(base.rules[0] as Rule), ...rule })),
});
const GOLDEN = [group('Error Rate'), group('Latency'), group('Traffic'), group('Memory')];
const batch = releasePlan.details.gray_strategy.batches[0]!;

type Change = {
  groups?: WatchedGroup[];
  plan?: Partial<Issue['steps'][2]['details']['gray_strategy']>;
  risks?: Partial<Issue['steps'][3]['details']>;
  metrics?: Partial<Issue['steps'][1]['details']>;
  version?: Partial<Issue['steps'][0]['details']>;
  warnings?: Issue['warnings'];
};
const verdict = ({ groups = GOLDEN, plan, risks, metrics, version, warnings = [] }: Change) =>
  verdictOf({
    steps: [
      { ...versionCheck, details: { ...versionCheck.details, ...version } },
      { ...metricAnalysis, details: { ...metricAnalysis.details, metrics: groups, ...metrics } },
      {
        ...releasePlan,
        details: {
          ...releasePlan.details,
          gray_strategy: { ...releasePlan.details.gray_strategy, ...plan },
        },
      },
      { ...riskPrediction, details: { ...riskPrediction.details, ...risks } },
    ],
    warnings,
  });
const codesOf = (change: Change) => verdict(change).concerns.map(({ code }) => code);

it('is ready when nothing stands against it, and names the size of the plan', () => {
  expect(verdict({})).toEqual({ ready: 'yes', sentence: 'Ready: 1 batch, 10 min', concerns: [] });
});

it('is ready with care when some rules cannot judge a batch, and counts them', () => {
  const groups = [...GOLDEN, group('Disk', [{ judgeable: 'weak' }, { judgeable: 'blind' }])];
  const batches = [batch, { ...batch, batch_id: 2 }, { ...batch, batch_id: 3 }];
  const found = verdict({ groups, plan: { batches, total_time: '6360s' } });
  expect(found.ready).toBe('with_care');
  expect(found.sentence).toBe(
    'Ready with care: 3 batches, 1 h 46 min; 2 of 6 rules cannot judge batches 1–3',
  );
  expect(found.concerns).toEqual([
    {
      code: 'RulesCannotJudge',
      text: '2 of 6 rules cannot judge batches 1–3',
      params: { unable: 2, rules: 6, batches: '1–3', count: 3 },
    },
  ]);
});

it('counts a rule that has no series of the hosts of one batch for that batch alone', () => {
  const groups = [...GOLDEN, group('Disk', [{ host_set: 0 }])];
  const host_sets = [{ label: 'instance', values: ['127.0.0.1:9100'] }];
  const other = { ...batch, batch_id: 2, hosts: [{ host_id: 'sh-1', host_ip: '10.0.0.9' }] };
  const found = verdict({ groups, metrics: { host_sets }, plan: { batches: [batch, other] } });
  expect(found.concerns.map(({ text }) => text)).toEqual(['1 of 5 rules cannot judge batch 2']);
});

it.each([
  [
    'no series is known to belong to it',
    { metrics: { scope: { kind: 'none' } } },
    /^Not ready: no label/,
  ],
  ['it has no metric', { groups: [] }, /^Not ready: no metric can judge the release$/],
  [
    'all rules are blind',
    { groups: [group('Traffic', [{ judgeable: 'blind' }])] },
    /^Not ready: none of 1 rule has data/,
  ],
] as [string, Change, RegExp][])('is not ready when %s', (_, change, sentence) => {
  const found = verdict(change);
  expect(found.ready).toBe('no');
  expect(found.sentence).toMatch(sentence);
});

it('names the golden signals that no judgeable rule watches; a neighbour watches none of them', () => {
  const beside = { kind: 'neighbour' as const, service: 'cart' };
  const groups = [
    group('Error Rate'),
    group('Latency', [{ judgeable: 'weak' }]),
    { ...group('Traffic'), beside },
    group('Memory'),
  ];
  expect(verdict({ groups }).concerns[0]).toEqual({
    code: 'SignalNotWatched',
    text: 'no judgeable rule watches latency, traffic',
    params: { signals: 'latency, traffic' },
  });
});

it('names the groups that a risk watches and that have no metric', () => {
  const risks = riskPrediction.details.risks.map((risk) => ({
    ...risk,
    watch: ['Cache', 'Memory', 'GC'],
  }));
  expect(verdict({ risks: { risks } }).concerns).toEqual([
    {
      code: 'GroupWithoutMetric',
      text: 'risks watch Cache, GC, for which the service has no metric',
      params: { groups: 'Cache, GC', count: 2 },
    },
  ]);
});

it.each([
  ['no fault domain is known', { plan: { unchecked: ['fault_domains'] } }, 'FaultDomainNotKnown'],
  ['the load is not known', { plan: { unchecked: ['capacity'] } }, 'CapacityNotChecked'],
  ['it takes more than a working day', { plan: { total_time: '30000s' } }, 'LongRelease'],
  [
    'hosts are left out',
    { plan: { excluded_hosts: [{ host_id: 'a', reason: 'down' }] } },
    'HostsLeftOut',
  ],
  [
    'hosts were unhealthy',
    { version: { unhealthy_hosts: [{ host_id: 'a', reason: 'down' }] } },
    'HostsUnhealthy',
  ],
  [
    'the chain is unknown',
    { risks: { chain: { ...riskPrediction.details.chain, status: 'unknown' } } },
    'ChainNotKnown',
  ],
  [
    'the chain is partial',
    { risks: { chain: { ...riskPrediction.details.chain, status: 'partial' } } },
    'ChainPartial',
  ],
  [
    'the model did not answer',
    { risks: { reasoning: { mode: 'knowledge', fallback_reason: 'no answer' } } },
    'ModelFallback',
  ],
] as [string, Change, string][])('is ready with care when %s', (_, change, code) => {
  expect(codesOf(change)).toEqual([code]);
  expect(verdict(change).ready).toBe('with_care');
});

it('names the calls of the service that fail before the release, not those between others', () => {
  const edge = { via: 'sync' as const, calls: 120, errors: 12, scale: 1 };
  const edges = [
    { ...edge, caller: 'user-service', callee: 'pricing' },
    { ...edge, caller: 'pricing', callee: 'tax' },
  ];
  const found = verdict({ risks: { chain: { ...riskPrediction.details.chain, edges } } });
  expect(found.concerns).toEqual([
    {
      code: 'CallsFail',
      text: '12 of 120 calls from user-service to pricing fail (10 %) before the release',
      params: { caller: 'user-service', callee: 'pricing', calls: 120, errors: 12 },
    },
  ]);
});

it('shows equal warnings once, with their number, after the concerns', () => {
  const warnings = ['a', 'b', 'c'].map((message) => ({
    step_name: 'ReleasePlan' as const,
    code: 'OutsideWorkingHours',
    message,
  }));
  const found = verdict({ warnings, plan: { unchecked: ['capacity'] } });
  expect(found.concerns.map(({ text }) => text)).toEqual([
    'it is not known whether the remaining hosts can carry the load',
    'a (and 2 more)',
  ]);
});

it('says that the expected requests are not known where the length of a batch is not proven', () => {
  const judgement = {
    by: 'weak' as const,
    reason: '',
    requests_needed: 667,
    requests_expected: null,
    limited_by: 'policy' as const,
    rules: { judgeable: 4, weak: 0, blind: 0 },
  };
  const unproven = { ...batch, judgement };
  expect(verdict({ plan: { batches: [unproven] } }).concerns[0]?.text).toBe(
    'the expected requests per batch are not known, so it is not known whether batch 1 is observed long enough',
  );
});

it('is the same for an issue that was recorded without one', () => {
  expect(verdictOf(issue)).toEqual(verdictOf(structuredClone(issue)));
});
