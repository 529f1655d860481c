import { createGuard, stateOf, type Event, type RefusalCode } from '../../src/guard/guard';
import {
  approve,
  at,
  deploy,
  DIGEST,
  guardedIssue,
  judge,
  passed,
  promote,
  RESTART,
  ROLLBACK,
  samples,
} from './guarded-issue';

type Case = {
  name: string;
  events: Event[];
  action: object;
  now: number;
  code: RefusalCode;
  clause: string | RegExp;
  issue?: Parameters<typeof guardedIssue>[0];
};

const PLAN = '/steps/2/details/gray_strategy/batches';
const MEMORY = '/steps/1/details/metrics/0/rules/0';
const TRAFFIC = '/steps/1/details/metrics/1/rules/0';

const act = (action: object) => ({ digest: DIGEST, ...action });
const deployOf = (batch_id: number, host_ids: string[], version = 'v2') =>
  act({ type: 'deploy', batch_id, host_ids, version });
const promoteOf = (batch_id: number) => act({ type: 'promote', batch_id });
const judgeOf = (rule_id: string, batch_id: number, over: unknown) =>
  act({ type: 'judge', rule_id, batch_id, samples: over });
const rollbackOf = (host_ids: string[], version = 'v1') =>
  act({ type: 'rollback', host_ids, version });
const mitigateOf = (host_ids: string[], changes: object = {}) =>
  act({ type: 'mitigate', action: 'restart', risk: 'memory_leak', host_ids, ...changes });
const control = (type: string) => act({ type });

const APPROVED = [approve(0)];
const FIRST = [...APPROVED, deploy(1, 10)];
const FIRST_DONE = [...APPROVED, ...passed(1, 10)];
const TWO = [...FIRST_DONE, deploy(2, 700)];
const ALL = [...FIRST_DONE, ...passed(2, 700), ...passed(3, 2600)];
const control_ = (type: 'pause' | 'continue' | 'abort' | 'finish', second: number): Event => ({
  ...{ type, at: at(second), digest: DIGEST },
});
/** The rule `memory` was beyond its level for 90 s in batch 1. */
const BROKEN = [
  ...FIRST,
  judge(
    'memory',
    1,
    200,
    samples(70, 200, (s) => (s > 100 ? 11 : 5)),
  ),
];
const restarted = (second: number): Event => ({
  ...{ type: 'mitigate', at: at(second), action: 'restart', risk: 'memory_leak' },
  ...{ host_ids: ['h1'], digest: DIGEST },
});
const rolledBack = (second: number, host_ids = ['h1']): Event => ({
  ...{ type: 'rollback', at: at(second), host_ids, version: 'v1', digest: DIGEST },
});

const CASES: Case[] = [
  // The document.
  {
    name: 'an action without a digest',
    events: APPROVED,
    action: { ...deployOf(1, ['h1']), digest: undefined },
    now: 10,
    code: 'WrongDigest',
    clause: '/digest',
  },
  {
    name: 'an action for another document',
    events: APPROVED,
    action: { ...deployOf(1, ['h1']), digest: `sha256:${'b'.repeat(64)}` },
    now: 10,
    code: 'WrongDigest',
    clause: '/digest',
  },
  {
    name: 'an issue id of another service',
    events: APPROVED,
    action: { ...deployOf(1, ['h1']), issue_id: 'shop-v2-abc-r1' },
    now: 10,
    code: 'WrongDigest',
    clause: '/digest',
  },
  {
    name: 'another revision by number',
    events: APPROVED,
    action: { ...deployOf(1, ['h1']), revision: 2 },
    now: 10,
    code: 'WrongRevision',
    clause: '/revision',
  },
  {
    name: 'another revision by id',
    events: APPROVED,
    action: {
      ...deployOf(1, ['h1']),
      issue_id: 'cart-v2-abc-r2',
      digest: `sha256:${'c'.repeat(64)}`,
    },
    now: 10,
    code: 'WrongRevision',
    clause: '/revision',
  },
  {
    name: 'a release that another revision began',
    events: [approve(0), { ...deploy(1, 10), digest: `sha256:${'d'.repeat(64)}` } as Event],
    action: promoteOf(1),
    now: 700,
    code: 'WrongRevision',
    clause: '/revision',
  },
  {
    name: 'a deploy at the second of the expiry',
    events: APPROVED,
    action: deployOf(1, ['h1']),
    now: 86_400,
    code: 'Expired',
    clause: '/expires_at',
  },
  {
    name: 'a promotion after the expiry',
    events: FIRST,
    action: promoteOf(1),
    now: 90_000,
    code: 'Expired',
    clause: '/expires_at',
  },
  {
    name: 'to continue after the expiry',
    events: [...FIRST, control_('pause', 20)],
    action: control('continue'),
    now: 90_000,
    code: 'Expired',
    clause: '/expires_at',
  },
  {
    name: 'a repair after the expiry',
    events: BROKEN,
    action: mitigateOf(['h1']),
    now: 90_000,
    code: 'Expired',
    clause: '/expires_at',
  },
  {
    name: 'an expiry that cannot be read',
    events: APPROVED,
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'Expired',
    clause: '/expires_at',
    issue: { expires_at: 'tomorrow' },
  },
  {
    name: 'a begin before not_before',
    events: APPROVED,
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'Frozen',
    clause: '/not_before',
    issue: { not_before: at(100) },
  },
  {
    name: 'a deploy in a freeze',
    events: [...APPROVED, { type: 'freeze', at: at(5), until: at(500), reason: 'fair' }],
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'Frozen',
    clause: '',
  },
  // Approvals.
  {
    name: 'a deploy nobody approved',
    events: [],
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'NotApproved',
    clause: '/approvals/required',
  },
  {
    name: 'an approval of another digest',
    events: [approve(0, 'Bob', `sha256:${'e'.repeat(64)}`)],
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'NotApproved',
    clause: '/approvals/required',
  },
  {
    name: 'one person twice for two approvals',
    events: [approve(0, 'Bob'), approve(1, ' BOB ')],
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'NotApproved',
    clause: '/approvals/required',
    issue: { approvals: { required: 2 } },
  },
  {
    name: 'an approval by who asked alone',
    events: [approve(0, 'ana')],
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'NotApproved',
    clause: '/approvals/requested_by',
  },
  {
    name: 'an approval without a name',
    events: [approve(0, ' ')],
    action: deployOf(1, ['h1']),
    now: 10,
    code: 'NotApproved',
    clause: '/approvals/required',
  },
  // Deploys.
  {
    name: 'another version',
    events: APPROVED,
    action: deployOf(1, ['h1'], 'v3'),
    now: 10,
    code: 'WrongVersion',
    clause: '/candidate',
  },
  {
    name: 'a batch that the plan does not have',
    events: APPROVED,
    action: deployOf(9, ['h1']),
    now: 10,
    code: 'WrongBatch',
    clause: PLAN,
  },
  {
    name: 'the second batch first',
    events: APPROVED,
    action: deployOf(2, ['h2', 'h3']),
    now: 10,
    code: 'OutOfOrder',
    clause: `${PLAN}/1`,
  },
  {
    name: 'the second batch before the first is promoted',
    events: FIRST,
    action: deployOf(2, ['h2', 'h3']),
    now: 700,
    code: 'OutOfOrder',
    clause: `${PLAN}/1`,
  },
  {
    name: 'the third batch after the first',
    events: FIRST_DONE,
    action: deployOf(3, ['h4', 'h5', 'h6', 'h7']),
    now: 700,
    code: 'OutOfOrder',
    clause: `${PLAN}/2`,
  },
  {
    name: 'a batch twice',
    events: FIRST,
    action: deployOf(1, ['h1']),
    now: 20,
    code: 'Replayed',
    clause: `${PLAN}/0`,
  },
  {
    name: 'a host of another batch',
    events: APPROVED,
    action: deployOf(1, ['h1', 'h2']),
    now: 10,
    code: 'ExtraHost',
    clause: `${PLAN}/0/hosts`,
  },
  {
    name: 'a host that no plan knows',
    events: APPROVED,
    action: deployOf(1, ['x']),
    now: 10,
    code: 'ExtraHost',
    clause: `${PLAN}/0/hosts`,
  },
  {
    name: 'a host twice',
    events: FIRST_DONE,
    action: deployOf(2, ['h2', 'h2']),
    now: 700,
    code: 'ExtraHost',
    clause: `${PLAN}/1/hosts`,
  },
  {
    name: 'a host too few',
    events: FIRST_DONE,
    action: deployOf(2, ['h2']),
    now: 700,
    code: 'MissingHost',
    clause: `${PLAN}/1/hosts`,
  },
  {
    name: 'no host at all',
    events: APPROVED,
    action: deployOf(1, []),
    now: 10,
    code: 'MissingHost',
    clause: `${PLAN}/0/hosts`,
  },
  {
    name: 'a deploy while paused',
    events: [...FIRST_DONE, control_('pause', 650)],
    action: deployOf(2, ['h2', 'h3']),
    now: 700,
    code: 'Paused',
    clause: '',
  },
  {
    name: 'a deploy after an abort',
    events: [...FIRST_DONE, control_('abort', 650)],
    action: deployOf(2, ['h2', 'h3']),
    now: 700,
    code: 'Ended',
    clause: '',
  },
  {
    name: 'a deploy after a continue that an abort followed',
    events: [
      ...FIRST_DONE,
      control_('pause', 620),
      control_('continue', 640),
      control_('abort', 650),
    ],
    action: deployOf(2, ['h2', 'h3']),
    now: 700,
    code: 'Ended',
    clause: '',
  },
  {
    name: 'a deploy after a rollback',
    events: [...FIRST_DONE, rolledBack(650)],
    action: deployOf(2, ['h2', 'h3']),
    now: 700,
    code: 'Ended',
    clause: '/rollback',
  },
  // Promotions.
  {
    name: 'a promotion of an unknown batch',
    events: FIRST,
    action: promoteOf(7),
    now: 700,
    code: 'WrongBatch',
    clause: PLAN,
  },
  {
    name: 'a promotion before the deploy',
    events: APPROVED,
    action: promoteOf(1),
    now: 700,
    code: 'OutOfOrder',
    clause: `${PLAN}/0`,
  },
  {
    name: 'a promotion twice',
    events: FIRST_DONE,
    action: promoteOf(1),
    now: 700,
    code: 'Replayed',
    clause: `${PLAN}/0`,
  },
  {
    name: 'a promotion a second early',
    events: FIRST,
    action: promoteOf(1),
    now: 609,
    code: 'ObservationNotOver',
    clause: `${PLAN}/0/observation_time`,
  },
  {
    name: 'a promotion counted from the begin of a long deploy',
    events: [...APPROVED, { ...deploy(1, 10), ended_at: at(300) }],
    action: promoteOf(1),
    now: 700,
    code: 'ObservationNotOver',
    clause: `${PLAN}/0/observation_time`,
  },
  {
    name: 'a promotion after a deploy that ended before it began',
    events: [...APPROVED, { ...deploy(1, 100), ended_at: at(10) }],
    action: promoteOf(1),
    now: 650,
    code: 'ObservationNotOver',
    clause: `${PLAN}/0/observation_time`,
  },
  {
    name: 'a promotion that counts a pause as observation',
    events: [...FIRST, control_('pause', 100), control_('continue', 500)],
    action: promoteOf(1),
    now: 700,
    code: 'ObservationNotOver',
    clause: `${PLAN}/0/observation_time`,
  },
  {
    name: 'a promotion with no judgement',
    events: FIRST,
    action: promoteOf(1),
    now: 700,
    code: 'NotJudged',
    clause: MEMORY,
  },
  {
    name: 'a promotion with one rule not judged',
    events: [...FIRST, judge('memory', 1, 610, samples(70, 610))],
    action: promoteOf(1),
    now: 700,
    code: 'NotJudged',
    clause: TRAFFIC,
  },
  {
    name: 'a promotion with the begin not judged',
    events: [
      ...FIRST,
      judge('memory', 1, 610, samples(400, 610)),
      judge('traffic', 1, 610, samples(70, 610)),
    ],
    action: promoteOf(1),
    now: 700,
    code: 'NotJudged',
    clause: MEMORY,
  },
  {
    name: 'a promotion with the end not judged',
    events: [
      ...FIRST,
      judge('memory', 1, 300, samples(70, 300)),
      judge('traffic', 1, 610, samples(70, 610)),
    ],
    action: promoteOf(1),
    now: 700,
    code: 'NotJudged',
    clause: MEMORY,
  },
  {
    name: 'a promotion on the judgements of another revision',
    events: [
      ...FIRST,
      { ...judge('memory', 1, 610, samples(70, 610)), digest: `sha256:${'f'.repeat(64)}` } as Event,
      judge('traffic', 1, 610, samples(70, 610)),
    ],
    action: promoteOf(1),
    now: 700,
    code: 'NotJudged',
    clause: MEMORY,
  },
  {
    name: 'a promotion without data',
    events: [...FIRST, judge('memory', 1, 610, []), judge('traffic', 1, 610, samples(70, 610))],
    action: promoteOf(1),
    now: 700,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a promotion of a broken batch',
    events: BROKEN,
    action: promoteOf(1),
    now: 700,
    code: 'Breached',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a promotion of a broken batch that was only looked at again',
    events: [
      ...BROKEN,
      judge('memory', 1, 610, samples(220, 610)),
      judge('traffic', 1, 610, samples(70, 610)),
    ],
    action: promoteOf(1),
    now: 700,
    code: 'Breached',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a promotion before the repair was observed',
    events: [...BROKEN, restarted(600), judge('traffic', 1, 610, samples(70, 610))],
    action: promoteOf(1),
    now: 700,
    code: 'ObservationNotOver',
    clause: `${PLAN}/0/observation_time`,
  },
  {
    name: 'a promotion on samples from before the repair',
    events: [
      ...BROKEN,
      restarted(300),
      judge('memory', 1, 620, samples(70, 300)),
      judge('traffic', 1, 610, samples(70, 610)),
    ],
    action: promoteOf(1),
    now: 700,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a promotion of an issue in which no rule gates',
    events: FIRST,
    action: promoteOf(1),
    now: 700,
    code: 'NotJudged',
    clause: '/steps/1/details/metrics',
    issue: { rules: [] },
  },
  {
    name: 'a promotion while paused',
    events: [...FIRST, control_('pause', 20)],
    action: promoteOf(1),
    now: 700,
    code: 'Paused',
    clause: '',
  },
  // Judgements.
  {
    name: 'a rule that the issue does not have',
    events: FIRST,
    action: judgeOf('__proto__', 1, samples(70, 200)),
    now: 200,
    code: 'NoSuchRule',
    clause: '/steps/1/details/metrics',
  },
  {
    name: 'a judgement of a batch that is not deployed',
    events: FIRST,
    action: judgeOf('memory', 2, samples(70, 200)),
    now: 200,
    code: 'WrongBatch',
    clause: PLAN,
  },
  {
    name: 'a judgement of a promoted batch',
    events: FIRST_DONE,
    action: judgeOf('memory', 1, samples(70, 610)),
    now: 620,
    code: 'WrongBatch',
    clause: PLAN,
  },
  {
    name: 'no samples',
    events: FIRST,
    action: judgeOf('memory', 1, []),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'two samples',
    events: FIRST,
    action: judgeOf('memory', 1, samples(180, 195)),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a NaN',
    events: FIRST,
    action: judgeOf(
      'memory',
      1,
      samples(70, 200, (s) => (s === 145 ? 'NaN' : 5)),
    ),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a +Inf',
    events: FIRST,
    action: judgeOf(
      'traffic',
      1,
      samples(70, 200, (s) => (s === 145 ? '+Inf' : 5)),
    ),
    now: 200,
    code: 'NoData',
    clause: TRAFFIC,
  },
  {
    name: 'a null',
    events: FIRST,
    action: judgeOf(
      'memory',
      1,
      samples(70, 200, (s) => (s === 145 ? null : 5)),
    ),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'text that is no number',
    events: FIRST,
    action: judgeOf(
      'memory',
      1,
      samples(70, 200, () => 'low'),
    ),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'two series',
    events: FIRST,
    action: judgeOf('memory', 1, [...samples(70, 190), ...samples(200, 200, 5, '{b="1"}')]),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a stale sample',
    events: FIRST,
    action: judgeOf('memory', 1, samples(70, 200)),
    now: 500,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'samples of the future',
    events: FIRST,
    action: judgeOf('memory', 1, samples(70, 400)),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a gap',
    events: FIRST,
    action: judgeOf('memory', 1, [...samples(70, 100), ...samples(160, 200)]),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a rate window that holds the old version',
    events: FIRST,
    action: judgeOf('memory', 1, samples(11, 69)),
    now: 69,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a time that cannot be read',
    events: FIRST,
    action: judgeOf('memory', 1, [...samples(70, 200), { at: 'noon', value: 1 }]),
    now: 200,
    code: 'NoData',
    clause: MEMORY,
  },
  {
    name: 'a breach of exactly `for`',
    events: FIRST,
    action: judgeOf(
      'memory',
      1,
      samples(70, 190, (s) => (s >= 100 && s <= 160 ? 11 : 5)),
    ),
    now: 190,
    code: 'Breached',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a breach of `for` at the last sample',
    events: FIRST,
    action: judgeOf(
      'memory',
      1,
      samples(70, 190, (s) => (s >= 130 ? 11 : 5)),
    ),
    now: 190,
    code: 'Breached',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a breach of a rule without `for` in one sample',
    events: FIRST,
    action: judgeOf(
      'traffic',
      1,
      samples(70, 190, (s) => (s === 85 ? 0 : 5)),
    ),
    now: 190,
    code: 'Breached',
    clause: `${TRAFFIC}/threshold`,
  },
  {
    name: 'a breach that two judgements share',
    events: [
      ...FIRST,
      judge(
        'memory',
        1,
        130,
        samples(70, 130, (s) => (s >= 100 ? 11 : 5)),
      ),
    ],
    action: judgeOf('memory', 1, samples(145, 175, 11)),
    now: 175,
    code: 'Breached',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a breach of a level that was tightened',
    events: [
      ...FIRST,
      { type: 'set_threshold', at: at(20), rule_id: 'memory', threshold: 4, digest: DIGEST },
    ],
    action: judgeOf('memory', 1, samples(70, 190)),
    now: 190,
    code: 'Breached',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a judgement after the abort',
    events: [...FIRST, control_('abort', 50)],
    action: judgeOf('memory', 1, samples(70, 190)),
    now: 190,
    code: 'Ended',
    clause: '',
  },
  // Levels.
  {
    name: 'a higher level of an upper rule',
    events: FIRST,
    action: act({ type: 'set_threshold', rule_id: 'memory', threshold: 10.1 }),
    now: 20,
    code: 'ThresholdLoosened',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a lower level of a lower rule',
    events: FIRST,
    action: act({ type: 'set_threshold', rule_id: 'traffic', threshold: 0.9 }),
    now: 20,
    code: 'ThresholdLoosened',
    clause: `${TRAFFIC}/threshold`,
  },
  {
    name: 'a level that is no number',
    events: FIRST,
    action: act({ type: 'set_threshold', rule_id: 'memory', threshold: NaN }),
    now: 20,
    code: 'ThresholdLoosened',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a longer hold time',
    events: FIRST,
    action: act({ type: 'set_threshold', rule_id: 'memory', threshold: 10, for: '61s' }),
    now: 20,
    code: 'ThresholdLoosened',
    clause: `${MEMORY}/for`,
  },
  {
    name: 'a hold time that is none',
    events: FIRST,
    action: act({ type: 'set_threshold', rule_id: 'memory', threshold: 10, for: 'soon' }),
    now: 20,
    code: 'ThresholdLoosened',
    clause: `${MEMORY}/for`,
  },
  {
    name: 'a tightening that is taken back',
    events: [
      ...FIRST,
      { type: 'set_threshold', at: at(20), rule_id: 'memory', threshold: 4, digest: DIGEST },
    ],
    action: act({ type: 'set_threshold', rule_id: 'memory', threshold: 9 }),
    now: 30,
    code: 'ThresholdLoosened',
    clause: `${MEMORY}/threshold`,
  },
  {
    name: 'a level of an unknown rule',
    events: FIRST,
    action: act({ type: 'set_threshold', rule_id: 'toString', threshold: 1 }),
    now: 20,
    code: 'NoSuchRule',
    clause: '/steps/1/details/metrics',
  },
  // Repairs.
  {
    name: 'a repair of nothing',
    events: FIRST,
    action: mitigateOf(['h1']),
    now: 20,
    code: 'NoSuchMitigation',
    clause: '/steps/1/details/metrics',
  },
  {
    name: 'a repair before any deploy',
    events: APPROVED,
    action: mitigateOf(['h1']),
    now: 20,
    code: 'HostNotReleased',
    clause: PLAN,
  },
  {
    name: 'a repair of another kind',
    events: BROKEN,
    action: mitigateOf(['h1'], { action: 'scale_out' }),
    now: 210,
    code: 'NoSuchMitigation',
    clause: `${MEMORY}/on_breach`,
  },
  {
    name: 'a repair for another risk',
    events: BROKEN,
    action: mitigateOf(['h1'], { risk: 'cpu_spike' }),
    now: 210,
    code: 'NoSuchMitigation',
    clause: `${MEMORY}/on_breach`,
  },
  {
    name: 'a repair that the release system cannot do',
    events: BROKEN,
    action: mitigateOf(['h1']),
    now: 210,
    code: 'NoSuchMitigation',
    clause: '/capabilities',
    issue: { capabilities: ['deploy', 'rollback'] },
  },
  {
    name: 'a repair of a host that is not released',
    events: BROKEN,
    action: mitigateOf(['h2']),
    now: 210,
    code: 'HostNotReleased',
    clause: `${MEMORY}/on_breach`,
  },
  {
    name: 'a repair of a host of an earlier batch',
    events: [...TWO, judge('memory', 2, 900, samples(760, 900, 11))],
    action: mitigateOf(['h1', 'h2']),
    now: 910,
    code: 'ExtraHost',
    clause: `${MEMORY}/on_breach`,
  },
  {
    name: 'a repair of no host',
    events: BROKEN,
    action: mitigateOf([]),
    now: 210,
    code: 'MissingHost',
    clause: `${MEMORY}/on_breach`,
  },
  {
    name: 'a repair twice for one breach',
    events: [...BROKEN, restarted(210)],
    action: mitigateOf(['h1']),
    now: 220,
    code: 'Replayed',
    clause: '',
  },
  {
    name: 'a repair for the second breach, whose answer is a rollback',
    events: [...BROKEN, restarted(210), judge('memory', 1, 400, samples(270, 400, 11))],
    action: mitigateOf(['h1']),
    now: 410,
    code: 'NoSuchMitigation',
    clause: `${MEMORY}/on_breach`,
  },
  {
    name: 'a rollback as a repair',
    events: BROKEN,
    action: mitigateOf(['h1'], { action: 'rollback', risk: undefined }),
    now: 210,
    code: 'NoSuchMitigation',
    clause: `${MEMORY}/on_breach`,
    issue: {
      rules: [
        {
          rule_id: 'memory',
          candidate: 'memory',
          expr: 'memory',
          op: '>',
          threshold: 10,
          for: '0s',
          judgeable: 'judgeable',
          on_breach: [ROLLBACK],
        },
      ],
    },
  },
  {
    name: 'a repair while paused',
    events: [...BROKEN, control_('pause', 205)],
    action: mitigateOf(['h1']),
    now: 210,
    code: 'Paused',
    clause: '',
  },
  // Rollbacks.
  {
    name: 'a rollback with nothing deployed',
    events: APPROVED,
    action: rollbackOf(['h1']),
    now: 20,
    code: 'NothingToRollBack',
    clause: '/rollback/targets',
  },
  {
    name: 'a rollback of no host',
    events: FIRST,
    action: rollbackOf([]),
    now: 20,
    code: 'NothingToRollBack',
    clause: '/rollback/targets',
  },
  {
    name: 'a rollback of a host that was never released',
    events: FIRST,
    action: rollbackOf(['h1', 'h2']),
    now: 20,
    code: 'HostNotReleased',
    clause: '/rollback/targets',
  },
  {
    name: 'a rollback to another version',
    events: FIRST,
    action: rollbackOf(['h1'], 'v0.9'),
    now: 20,
    code: 'WrongRollbackTarget',
    clause: '/rollback/targets',
  },
  {
    name: 'a rollback of a mixed fleet to one version',
    events: [...FIRST_DONE, ...passed(2, 700), deploy(3, 2600)],
    action: rollbackOf(['h4', 'h5', 'h6', 'h7']),
    now: 2700,
    code: 'WrongRollbackTarget',
    clause: '/rollback/targets',
  },
  {
    name: 'a rollback of a host of which the version is not known',
    events: FIRST,
    action: rollbackOf(['h1']),
    now: 20,
    code: 'WrongRollbackTarget',
    clause: '/rollback/targets',
    issue: { rollback: { targets: {} } },
  },
  {
    name: 'a rollback twice',
    events: [...FIRST, rolledBack(20)],
    action: rollbackOf(['h1']),
    now: 30,
    code: 'Replayed',
    clause: '/rollback/targets',
  },
  {
    name: 'a rollback of a finished release',
    events: [...ALL, control_('finish', 6300)],
    action: rollbackOf(['h1']),
    now: 6400,
    code: 'Ended',
    clause: '',
  },
  // Control.
  {
    name: 'a finish before the last promotion',
    events: FIRST_DONE,
    action: control('finish'),
    now: 700,
    code: 'OutOfOrder',
    clause: PLAN,
  },
  {
    name: 'a finish while paused',
    events: [...ALL, control_('pause', 6250)],
    action: control('finish'),
    now: 6300,
    code: 'Paused',
    clause: '',
  },
  {
    name: 'a continue of what is not paused',
    events: FIRST,
    action: control('continue'),
    now: 20,
    code: 'OutOfOrder',
    clause: '',
  },
  {
    name: 'an abort twice',
    events: [...FIRST, control_('abort', 20)],
    action: control('abort'),
    now: 30,
    code: 'Ended',
    clause: '',
  },
  {
    name: 'a pause of a finished release',
    events: [...ALL, control_('finish', 6300)],
    action: control('pause'),
    now: 6400,
    code: 'Ended',
    clause: '',
  },
  // What is no action.
  {
    name: 'an unknown action',
    events: FIRST,
    action: act({ type: 'scale' }),
    now: 20,
    code: 'UnknownAction',
    clause: '',
  },
  {
    name: 'an action named like a property',
    events: FIRST,
    action: act({ type: 'constructor' }),
    now: 20,
    code: 'UnknownAction',
    clause: '',
  },
  {
    name: 'an action without its fields',
    events: FIRST,
    action: act({ type: 'deploy', batch_id: '1' }),
    now: 20,
    code: 'UnknownAction',
    clause: '',
  },
  {
    name: 'hosts that are one text',
    events: FIRST,
    action: act({ type: 'rollback', host_ids: 'h1', version: 'v1' }),
    now: 20,
    code: 'UnknownAction',
    clause: '',
  },
  { name: 'a list', events: FIRST, action: [], now: 20, code: 'UnknownAction', clause: '' },
];

it('has at least 60 kinds of mutations', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  expect(CASES.length).toBeGreaterThanOrEqual(60);
});

it('covers every code of the contract', () => {
  expect([...new Set(CASES.map(({ code }) => code))].sort()).toHaveLength(24);
});

it.each(CASES)('refuses $name as $code', ({ events, action, now, code, clause, issue }) => {
  const verdict = createGuard(guardedIssue(issue)).check(stateOf(events), action, at(now));
  expect(verdict).toMatchObject({
    allowed: false,
    code,
    message: expect.stringMatching(/^\S.*\.$/s),
  });
  if (!verdict.allowed)
    expect(verdict.clause).toMatch(clause instanceof RegExp ? clause : new RegExp(`^${clause}$`));
});

const LEGAL: Omit<Case, 'code' | 'clause'>[] = [
  { name: 'the first deploy', events: APPROVED, action: deployOf(1, ['h1']), now: 10 },
  {
    name: 'a promotion at the second at which the observation is over',
    events: passed(1, 10).slice(0, -1),
    action: promoteOf(1),
    now: 610,
  },
  {
    name: 'the next deploy in any order of hosts',
    events: FIRST_DONE,
    action: deployOf(2, ['h3', 'h2']),
    now: 700,
  },
  {
    name: 'a short breach',
    events: FIRST,
    action: judgeOf(
      'memory',
      1,
      samples(70, 190, (s) => (s >= 100 && s < 160 ? 11 : 5)),
    ),
    now: 190,
  },
  {
    name: 'a tightening',
    events: FIRST,
    action: act({ type: 'set_threshold', rule_id: 'memory', threshold: 9, for: '30s' }),
    now: 20,
  },
  { name: 'the repair of the issue', events: BROKEN, action: mitigateOf(['h1']), now: 210 },
  {
    name: 'a promotion after the repair was observed',
    events: [
      ...BROKEN,
      restarted(300),
      judge('memory', 1, 600, samples(360, 600)),
      judge('traffic', 1, 610, samples(70, 610)),
    ],
    action: promoteOf(1),
    now: 610,
  },
  {
    name: 'a rollback while paused',
    events: [...FIRST, control_('pause', 20)],
    action: rollbackOf(['h1']),
    now: 30,
  },
  { name: 'a rollback after the expiry', events: FIRST, action: rollbackOf(['h1']), now: 90_000 },
  {
    name: 'a rollback in a freeze',
    events: [...FIRST, { type: 'freeze', at: at(15), until: at(900) }],
    action: rollbackOf(['h1']),
    now: 30,
  },
  {
    name: 'a rollback after an abort',
    events: [...FIRST, control_('abort', 20)],
    action: rollbackOf(['h1']),
    now: 30,
  },
  {
    name: 'a rollback of the last batch before the finish',
    events: [...FIRST_DONE, ...passed(2, 700), ...passed(3, 2600)],
    action: rollbackOf(['h4', 'h5', 'h6']),
    now: 6300,
  },
  {
    name: 'a rollback of a host to its own version in a mixed fleet',
    events: [...FIRST_DONE, ...passed(2, 700), deploy(3, 2600)],
    action: rollbackOf(['h7'], 'v0.9'),
    now: 2700,
  },
  { name: 'an abort before anything was deployed', events: [], action: control('abort'), now: 5 },
  {
    name: 'an abort after the expiry and while paused',
    events: [...FIRST, control_('pause', 20)],
    action: control('abort'),
    now: 90_000,
  },
  {
    name: 'an abort after a continue',
    events: [...FIRST, control_('pause', 20), control_('continue', 30)],
    action: control('abort'),
    now: 40,
  },
  { name: 'a finish', events: ALL, action: control('finish'), now: 6300 },
];

it.each(LEGAL)('allows $name', ({ events, action, now, issue }) => {
  expect(createGuard(guardedIssue(issue)).check(stateOf(events), action, at(now))).toEqual({
    allowed: true,
  });
});

it('answers the breach after the last repair of the release with the last answer', () => {
  const many = guardedIssue();
  const [group] = (many.steps[1]?.details as { metrics: { rules: object[] }[] }).metrics;
  if (group)
    group.rules = [
      { ...group.rules[0], on_breach: [RESTART, RESTART, RESTART, RESTART, ROLLBACK] },
    ];
  const events = [...BROKEN, restarted(210)];
  for (const start of [270, 470, 670])
    events.push(
      judge('memory', 1, start + 100, samples(start, start + 100, 11)),
      restarted(start + 110),
    );
  const guard = createGuard(many);
  expect(guard.next(stateOf(events.slice(0, -1)), at(781))).toMatchObject({
    do: 'answer',
    answer: ROLLBACK,
  });
});

it('names the event of a state that cannot be read', () => {
  expect(() => stateOf([approve(0), { type: 'deploy', at: at(1) }])).toThrow(
    /event 1 of the state/,
  );
  expect(() => stateOf([{ type: 'pause', at: 'soon' }])).toThrow(/at is not an RFC 3339 time/);
});

it('makes no guard of what is no issue', () => {
  expect(() => createGuard({ ...guardedIssue(), steps: [] })).toThrow(/no recorded issue/);
  const [check, , plan] = guardedIssue().steps;
  for (const details of [undefined, {}, { metrics: 'none' }]) {
    const steps = [check, { step_name: 'MetricAnalysis', details }, plan] as never;
    expect(() => createGuard({ ...guardedIssue(), steps })).toThrow(/it has no \/steps\/1/);
  }
});

it('says what comes next, from the approval to the finish', () => {
  const guard = createGuard(guardedIssue());
  const next = (events: Event[], second: number) => guard.next(stateOf(events), at(second));
  expect(next([], 0)).toMatchObject({ do: 'wait', for: 'approval' });
  expect(next(APPROVED, 0)).toEqual({ do: 'deploy', batch_id: 1, host_ids: ['h1'], version: 'v2' });
  expect(next(FIRST, 20)).toEqual({
    do: 'observe',
    batch_id: 1,
    until: at(610),
    rule_ids: ['memory', 'traffic'],
  });
  expect(next(FIRST, 610)).toEqual({ do: 'judge', batch_id: 1, rule_ids: ['memory', 'traffic'] });
  expect(next(passed(1, 10).slice(0, -1), 610)).toEqual({ do: 'promote', batch_id: 1 });
  expect(next(BROKEN, 210)).toMatchObject({
    do: 'answer',
    rule_id: 'memory',
    answer: RESTART,
    host_ids: ['h1'],
  });
  expect(next([...FIRST, control_('pause', 20)], 30)).toMatchObject({
    do: 'wait',
    for: 'continue',
  });
  expect(next(FIRST_DONE, 90_000)).toMatchObject({ do: 'wait', for: 'new_revision' });
  expect(next(ALL, 6300)).toEqual({ do: 'finish' });
  expect(next([...ALL, control_('finish', 6300)], 6301)).toMatchObject({ do: 'nothing' });
  expect(next([...FIRST_DONE, promote(1, 611)], 700)).toMatchObject({ do: 'deploy', batch_id: 2 });
});
