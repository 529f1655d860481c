import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { batchesOf, calm, newGate, secondsOf, type Answer } from '../fixtures/gates/new-gate';

it('begins a batch a call, each when the one before was observed and judged; then finishes', async () => {
  const { gate, issue, start, store } = await newGate(calm);
  let now = start;
  for (const { batch_id: id } of batchesOf(issue)) {
    expect(await gate.ask(issue, { ask: 'advance' }, now)).toEqual({ allowed: true });
    expect(await gate.ask(issue, { ask: 'advance' }, now + 1_000)).toMatchObject({
      code: 'ObservationNotOver',
    });
    now += secondsOf(issue, id) * 1000 + 60_000;
  }
  expect(await gate.ask(issue, { ask: 'advance' }, now)).toEqual({ allowed: true });
  expect(await gate.ask(issue, { ask: 'advance' }, now)).toMatchObject({ code: 'Ended' });
  const types = (await store.gateEvents(issue.issue_id)).map((event) => (event as Event).type);
  expect(types.filter((type) => type === 'deploy')).toHaveLength(batchesOf(issue).length);
  expect(types.at(-1)).toBe('finish');
});
type Event = { type: string };

it('goes on after a restart where it was', async () => {
  const { make, issue, start } = await newGate(calm);
  await make().ask(issue, { ask: 'advance' }, start);
  const later = start + secondsOf(issue, 1) * 1000 + 60_000;
  expect(await make().ask(issue, { ask: 'advance' }, start + 1_000)).toMatchObject({
    code: 'ObservationNotOver',
  });
  expect(await make().ask(issue, { ask: 'advance' }, later)).toEqual({ allowed: true });
});

it('lets one of many calls at once begin a batch, of one process or of two', async () => {
  const { make, issue, start, store } = await newGate(calm);
  const gates = [make(), make()];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      (gates[at % 2] ?? make()).ask(issue, { ask: 'advance' }, start),
    ),
  );
  expect(answers.filter((verdict) => verdict.allowed)).toHaveLength(1);
  expect(await store.gateEvents(issue.issue_id)).toHaveLength(1);
});

it('answers a named batch again, and refuses one that is over, not next, or unknown', async () => {
  const { gate, issue, start } = await newGate(calm);
  const ask = (batchId: number, now = start) => gate.ask(issue, { ask: 'advance', batchId }, now);
  expect(await ask(2)).toMatchObject({ code: 'OutOfOrder' });
  expect(await ask(-1)).toMatchObject({ code: 'WrongBatch' });
  expect([await ask(1), await ask(1)]).toEqual([{ allowed: true }, { allowed: true }]);
  expect(await ask(2)).toMatchObject({ code: 'ObservationNotOver' });
  const later = start + secondsOf(issue, 1) * 1000 + 60_000;
  expect(await ask(2, later)).toEqual({ allowed: true });
  expect(await ask(1, later)).toMatchObject({ code: 'Replayed' });
});

it('holds a broken batch, and asks for a rollback only where the issue does', async () => {
  let broken = false;
  const { gate, issue, start, store } = await newGate((of) => (ruleId) => {
    const value = calm(of)(ruleId);
    return broken ? 1e12 : value;
  });
  expect(await gate.ask(issue, { ask: 'rollback' }, start)).toMatchObject({
    code: 'NothingToRollBack',
  });
  await gate.ask(issue, { ask: 'advance' }, start);
  const later = start + secondsOf(issue, 1) * 1000 + 60_000;
  expect(await gate.ask(issue, { ask: 'rollback' }, later)).toMatchObject({ allowed: false });
  broken = true;
  expect(await gate.ask(issue, { ask: 'advance' }, later)).toMatchObject({ code: 'Breached' });
  expect(await gate.ask(issue, { ask: 'healthy' }, later)).toMatchObject({ code: 'Breached' });
  // Refused calls change nothing.
  expect(await store.gateEvents(issue.issue_id)).toHaveLength(1);
});

it('holds a batch that differs from the hosts that are not released', async () => {
  const asked = new Set<string>();
  let differs = true;
  const { gate, issue, start } = await newGate((of) => (ruleId) => {
    asked.add(ruleId);
    return ruleId.endsWith('#relative') ? (differs ? 50 : 1) : calm(of)(ruleId);
  });
  await gate.ask(issue, { ask: 'advance' }, start);
  const later = start + secondsOf(issue, 1) * 1000 + 60_000;
  const [compared] = issue.steps[1].details.metrics
    .flatMap(({ rules }) => rules)
    .filter(({ relative }) => relative?.batches?.some(({ batch_id: id }) => id === 1));
  const held = await gate.ask(issue, { ask: 'advance' }, later);
  expect(held).toMatchObject({
    ...{ code: 'Breached', clause: expect.stringMatching(/\/relative\/ratio$/) as string },
  });
  expect(await gate.ask(issue, { ask: 'healthy' }, later)).toMatchObject({ code: 'Breached' });
  expect(asked).toContain(`${compared?.rule_id}#relative`);
  differs = false;
  expect(await gate.ask(issue, { ask: 'advance' }, later)).toEqual({ allowed: true });
});

it.each([
  ['no Prometheus', undefined, 'NotJudged'],
  ['no series', () => () => undefined, 'NoData'],
  ['NaN', () => (): Answer => 'NaN', 'NoData'],
])('holds with %s', async (_what, answer, code) => {
  const { gate, issue, start } = await newGate(answer);
  expect(await gate.ask(issue, { ask: 'advance' }, start)).toEqual({ allowed: true });
  const later = start + secondsOf(issue, 1) * 1000 + 60_000;
  expect(await gate.ask(issue, { ask: 'advance' }, later)).toMatchObject({ code });
});

it('begins nothing without approvals, after expiry, or before the promotion is due', async () => {
  const { gate, issue, start, store } = await newGate(calm, {
    approvals: { required: 1, reason: 'the policy asks for 1' },
  });
  expect(await gate.ask(issue, { ask: 'open' }, start)).toMatchObject({ code: 'NotApproved' });
  expect(await gate.ask(issue, { ask: 'advance' }, start)).toMatchObject({ code: 'NotApproved' });
  const { digest } = issue;
  const at = new Date(start).toISOString();
  await store.recordApproval(issue.issue_id, { by: 'Bob', digest, at });
  const expiry = Date.parse(issue.expires_at);
  expect(await gate.ask(issue, { ask: 'advance' }, expiry)).toMatchObject({ code: 'Expired' });
  expect(await gate.ask(issue, { ask: 'advance', last: true }, start)).toMatchObject({
    code: 'OutOfOrder',
  });
  expect(await gate.ask(issue, { ask: 'open' }, start)).toEqual({ allowed: true });
  expect(await store.gateEvents(issue.issue_id)).toEqual([]);
  expect(await gate.ask(issue, { ask: 'advance' }, start)).toEqual({ allowed: true });
});

it('lets nothing go on after an abort from outside', async () => {
  const { gate, issue, start } = await newGate(calm);
  await gate.ask(issue, { ask: 'advance' }, start);
  await gate.ask(issue, { ask: 'ended', how: 'abort' }, start);
  expect(await gate.ask(issue, { ask: 'advance' }, start)).toMatchObject({ code: 'Ended' });
  expect(await gate.ask(issue, { ask: 'rollback' }, start)).toEqual({ allowed: true });
});

it('refuses to go on from a state that is damaged', async () => {
  const { folder, gate, issue, start } = await newGate(calm);
  await gate.ask(issue, { ask: 'advance' }, start);
  const file = path.join(folder, 'records', `${issue.issue_id}.gate`, '000000.json');
  writeFileSync(file, '{"type":"deploy"');
  await expect(gate.ask(issue, { ask: 'advance' }, start)).rejects.toThrow('damaged: event 0');
});
