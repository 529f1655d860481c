import { parseAllDocuments } from 'yaml';
import type { Issue } from '../../src/domain/issue';
import { exportIssue } from '../../src/export/export';
import type { Target } from '../../src/export/targets';
import { ArgoBody, callOfArgo, callOfFlagger, FlaggerBody } from '../../src/gates/executor-calls';
import { callerOfFlagger, otherService } from '../../src/gates/release-caller';
import { batchesOf, calm, newGate, secondsOf } from '../fixtures/gates/new-gate';

/** What a parser gives, as a test reads it. */
type Loose = ReturnType<typeof JSON.parse>;

const objectsOf = (issue: Issue, target: Target): Loose[] =>
  exportIssue(issue, target, { serveUrl: 'https://prep.example.com' }).files.flatMap(
    ({ content }) => parseAllDocuments(content).map((one): Loose => one.toJS()),
  );
const ofKind = (objects: Loose[], kind: string): Loose => objects.find((one) => one.kind === kind);
/** Longer than any look-back of the sample's rules. */
const MARGIN_MS = 60_000;

it('obeys the gate by the exported steps of an Argo Rollout', async () => {
  const { gate, issue, start, store } = await newGate(calm);
  const objects = objectsOf(issue, 'argo-rollouts');
  const { steps } = ofKind(objects, 'Rollout').spec.strategy.canary;
  const { web } = objects.find(({ spec }) => spec.metrics?.[0].provider.web)!.spec.metrics[0]
    .provider;
  expect(new URL(web.url).pathname).toBe(`/v1/gates/argo/${issue.issue_id}`);
  const ask = (batchId: string, now: number) => {
    const body = JSON.stringify(web.jsonBody).replace('{{args.batch-id}}', batchId);
    return gate.ask(issue, callOfArgo(ArgoBody.parse(JSON.parse(body))), now);
  };
  let now = start;
  for (const step of steps) {
    if (step.pause) now += Number.parseInt(step.pause.duration) * 1_000;
    if (!step.analysis) continue;
    const [{ value: batchId }] = step.analysis.args;
    const late = now + (batchId === '1' ? 0 : MARGIN_MS);
    // Asked before the observation is over, it holds.
    if (batchId !== '1') expect(await ask(batchId, now - 30_000)).toMatchObject({ allowed: false });
    expect([batchId, await ask(batchId, late)]).toEqual([batchId, { allowed: true }]);
    now = late;
  }
  const types = (await store.gateEvents(issue.issue_id)).map((one) => (one as Event).type);
  expect(types.filter((type) => type === 'deploy')).toHaveLength(batchesOf(issue).length);
});
type Event = { type: string };

it.each([
  ['cart', 'cart'],
  ['Café Müller', 'a name of Kubernetes'],
])('obeys the gate by the exported webhooks of the Canary of %s', async (service) => {
  const { gate, issue, start, store } = await newGate(calm, { service });
  const canary = ofKind(objectsOf(issue, 'flagger'), 'Canary');
  const { name } = canary.metadata;
  const { webhooks } = canary.spec.analysis;
  const hooks = new Map<string, Loose>(webhooks.map((hook: Loose) => [hook.type, hook]));
  for (const { url } of webhooks)
    expect(new URL(url).pathname).toBe(`/v1/gates/flagger/${issue.issue_id}`);
  const ask = (type: string, phase: string, now: number) => {
    const { metadata } = hooks.get(type);
    const body = FlaggerBody.parse({ name, namespace: 'shop', phase, metadata });
    expect(otherService(issue, body)).toBeUndefined();
    const call = callOfFlagger(body);
    return call === null ? null : gate.ask(issue, call, now, { caller: callerOfFlagger(body) });
  };
  let now = start;
  expect(await ask('confirm-rollout', 'Progressing', now)).toEqual({ allowed: true });
  for (const { batch_id: id } of batchesOf(issue)) {
    expect(await ask('confirm-traffic-increase', 'Progressing', now)).toEqual({ allowed: true });
    expect(await ask('confirm-traffic-increase', 'Progressing', now + 1_000)).toMatchObject({
      code: 'ObservationNotOver',
    });
    // In calm nobody asks for a rollback: 200 would roll back.
    expect(await ask('rollback', 'Progressing', now + 1_000)).toMatchObject({ allowed: false });
    now += secondsOf(issue, id) * 1_000 + MARGIN_MS;
  }
  // At full weight Flagger asks once more, then for the promotion.
  expect(await ask('confirm-traffic-increase', 'Progressing', now)).toEqual({ allowed: true });
  expect(await ask('confirm-promotion', 'Promoting', now)).toEqual({ allowed: true });
  await ask('post-rollout', 'Succeeded', now);
  const types = (await store.gateEvents(issue.issue_id)).map((one) => (one as Event).type);
  expect(types.filter((type) => type === 'deploy')).toHaveLength(batchesOf(issue).length);
  expect(types.at(-1)).toBe('finish');
});
