import { parseAllDocuments } from 'yaml';
import type { Issue } from '../../src/domain/issue';
import { exportIssue } from '../../src/export/export';
import type { Target } from '../../src/export/targets';
import { issueWith } from '../fixtures/arbitrary-issue';

/** What a parser gives, as a test reads it. */
type Loose = ReturnType<typeof JSON.parse>;

const SERVE = 'https://prep.example.com';
const objectsOf = (issue: Issue, target: Target, serveUrl?: string): Loose[] =>
  exportIssue(issue, target, { serveUrl }).files.flatMap(({ content }) =>
    parseAllDocuments(content, { version: '1.1' }).map((one): Loose => one.toJS()),
  );
const last = (objects: Loose[]): Loose => objects[objects.length - 1];
const plan = (...batches: [number, number][]) =>
  issueWith({ batches: batches.map(([hosts, seconds]) => ({ hosts, seconds })) });

describe('argo-rollouts', () => {
  const steps = (issue: Issue, serveUrl?: string) =>
    last(objectsOf(issue, 'argo-rollouts', serveUrl)).spec.strategy.canary.steps;

  it('releases the shares of the plan and pauses for its observation times', () => {
    expect(steps(plan([1, 600], [2, 1800], [4, 3600]))).toEqual([
      { setWeight: 14 },
      { pause: { duration: '600s' } },
      { setWeight: 43 },
      { pause: { duration: '1800s' } },
      { setWeight: 100 },
      { pause: { duration: '3600s' } },
    ]);
    expect(steps(plan([7, 60]))).toEqual([{ setWeight: 100 }, { pause: { duration: '60s' } }]);
  });

  it('keeps the pause of batches that have the same whole percent, and says what differs', () => {
    const issue = plan([1, 60], [9, 120], [9_990, 300]);
    expect(steps(issue)).toEqual([
      { setWeight: 1 },
      { pause: { duration: '60s' } },
      { pause: { duration: '120s' } },
      { setWeight: 100 },
      { pause: { duration: '300s' } },
    ]);
    expect(exportIssue(issue, 'argo-rollouts').lost).toContain(
      'counts: after batch 1 100 of 10000 instead of 1, after batch 2 100 of 10000 instead of 10',
    );
  });

  it('asks the gate before each batch, by its id, and holds until it allows', () => {
    const objects = objectsOf(plan([1, 60], [9, 60]), 'argo-rollouts', SERVE);
    const gate = objects[objects.length - 2];
    expect(gate.spec.metrics[0]).toMatchObject({
      successCondition: 'result == true',
      consecutiveSuccessLimit: 1,
      failureLimit: -1,
      provider: { web: { method: 'POST', jsonPath: '{$.allowed}' } },
    });
    const { url, jsonBody } = gate.spec.metrics[0].provider.web;
    expect(url).toMatch(/^https:\/\/prep\.example\.com\/v1\/gates\/argo\/user-service-v1-1-0-/);
    expect(jsonBody.metadata).toEqual({ batch_id: '{{args.batch-id}}' });
    const asked = last(objects).spec.strategy.canary.steps.flatMap(({ analysis }: Loose) =>
      analysis === undefined ? [] : [analysis.args[0].value],
    );
    expect(asked).toEqual(['1', '2']);
  });

  it('leaves missing data undecided, and never aborts where the answer is a pause', () => {
    const pause = { action: 'pause', hosts: 'released', repair_observation_time: '1s' } as const;
    const rules = [
      { candidate: 'a', on_breach: undefined },
      { candidate: 'b', on_breach: [pause] },
    ];
    const [a, b] = objectsOf(issueWith({ groups: [{ name: 'G', rules }] }), 'argo-rollouts');
    const guard = 'len(result) > 0 && !isNaN(result[0])';
    expect(a.spec.metrics[0]).toMatchObject({
      successCondition: `${guard} && all(result, # == 0)`,
      failureCondition: `${guard} && any(result, # == 1)`,
    });
    expect(b.spec.metrics[0].failureCondition).toBe('false');
  });

  it('begins to judge when the look-back of a rule lies after the deploy', () => {
    const rules = [{ candidate: 'a', expr: 'sum(rate(a[5m]))' }];
    const [a] = objectsOf(issueWith({ groups: [{ name: 'G', rules }] }), 'argo-rollouts');
    expect(a.spec.metrics[0].initialDelay).toBe('300s');
  });
});

describe('flagger', () => {
  const analysis = (issue: Issue, serveUrl?: string) =>
    last(objectsOf(issue, 'flagger', serveUrl)).spec.analysis;

  it('never repeats a weight, and has the longest time without a gate', () => {
    expect(analysis(plan([1, 60], [9, 7200], [9_990, 300]))).toMatchObject({
      stepWeights: [1, 2, 100],
      interval: '7200s',
      threshold: 1,
    });
  });

  it('checks every minute with the gate, and says in each hook which it is', () => {
    const { interval, webhooks } = analysis(plan([1, 60], [9, 7200]), SERVE);
    expect(interval).toBe('60s');
    expect(webhooks.map(({ type, metadata }: Loose) => [type, metadata.hook])).toEqual(
      [
        'confirm-rollout',
        'confirm-traffic-increase',
        'confirm-promotion',
        'rollback',
        'post-rollout',
      ].map((type) => [type, type]),
    );
  });

  it('names the last batch for the promotion, which comes when the gate has ended that batch', () => {
    const { webhooks } = analysis(plan([1, 60], [9, 7200]), SERVE);
    expect(webhooks.map(({ metadata }: Loose) => metadata.batch_id)).toEqual([
      ...[undefined, undefined, '2', undefined, undefined],
    ]);
  });

  it('has a weight for each batch, and refuses more than 100', () => {
    const many = (count: number) =>
      plan(...Array.from({ length: count }, (): [number, number] => [3, 60]));
    const { stepWeights } = analysis(many(100));
    expect(stepWeights).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(() => analysis(many(101))).toThrow('at most 100 batches');
  });

  it('never rolls back by itself where the answer to a breach is a pause', () => {
    const pause = { action: 'pause', hosts: 'released', repair_observation_time: '1s' } as const;
    const issue = issueWith({ groups: [{ name: 'G', rules: [{ on_breach: [pause] }] }] });
    expect(analysis(issue).threshold).toBe(1_000_000);
    expect(exportIssue(issue, 'flagger').lost.join('\n')).toContain('nothing rolls back by itself');
  });
});

it('gives OpenKruise exact numbers and windows', () => {
  const [rollout] = objectsOf(plan([1, 600], [2, 0], [9_997, 3600]), 'openkruise');
  expect(rollout.spec.strategy.canary.steps).toEqual([
    { replicas: 1, pause: { duration: 600 } },
    { replicas: 3, pause: { duration: 1 } },
    { replicas: 10_000, pause: { duration: 3600 } },
  ]);
});

describe('prometheus', () => {
  const alertsOf = (issue: Issue): Loose[] =>
    objectsOf(issue, 'prometheus')[0].groups.flatMap(({ rules }: Loose) => rules);

  it('has an alert with the expression and its twin for every rule that is not blind', () => {
    const rules = [
      { candidate: 'a', expr: 'a or b', judgeable: 'judgeable' as const, for: '60s' },
      { candidate: 'b', expr: 'c', judgeable: 'weak' as const, gates: false, for: '0s' },
      { candidate: 'c', expr: 'd', judgeable: 'blind' as const, gates: false },
    ];
    const issue = issueWith({ groups: [{ name: 'G', rules }] });
    const alerts = alertsOf(issue);
    expect(alerts.map(({ alert, labels }) => [alert, labels.rule_id, labels.gates])).toEqual([
      ['ReleaseRuleBreached', 'g/a', 'true'],
      ['ReleaseRuleNoData', 'g/a', 'true'],
      ['ReleaseRuleBreached', 'g/b', 'false'],
      ['ReleaseRuleNoData', 'g/b', 'false'],
    ]);
    expect(alerts[0].expr).toContain('(a or b) >');
    expect([alerts[0].for, alerts[2].for]).toEqual(['60s', undefined]);
    expect(exportIssue(issue, 'prometheus').lost).toContain(
      'blind rules have no data and would always alert; left out: g/c',
    );
  });

  it('gives no two alerts the same labels, also for rules that share an id', () => {
    const rules = [
      { candidate: 'a', rule_id: 'x' },
      { candidate: 'b', rule_id: 'x' },
      { candidate: 'c', rule_id: 'x#2' },
    ];
    const alerts = alertsOf(issueWith({ groups: [{ name: 'G', rules }] }));
    const keys = alerts.map(({ alert, labels }) => JSON.stringify([alert, labels]));
    expect(new Set(keys).size).toBe(6);
  });

  it('fills no template that others wrote', () => {
    const issue = issueWith({
      service: 'a {{ query "up" }}',
      groups: [{ name: 'G', rules: [{}] }],
    });
    const [breached] = alertsOf(issue);
    expect(breached.labels.service).toBe('a {{"{{"}} query "up" }}');
    expect(breached.annotations.summary).toContain('a {{"{{"}} query');
  });
});

it('names a workload of a service that Kubernetes cannot name, each differently', () => {
  const names = ['订单', '支付'].map((service) => {
    const issue = issueWith({ service });
    const id = service === '订单' ? `x-v1-${'a'.repeat(32)}-r1` : `x-v1-${'b'.repeat(32)}-r1`;
    const exported = exportIssue({ ...issue, issue_id: id }, 'openkruise');
    expect(exported.lost.join('\n')).toContain('not a name that Kubernetes takes');
    return last(objectsOf({ ...issue, issue_id: id }, 'openkruise')).metadata.name as string;
  });
  expect(names).toEqual(['service-aaaaaaaa', 'service-bbbbbbbb']);
});
