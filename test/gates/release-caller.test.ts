import { openDraft } from '../fixtures/gates/recorded-issue';
import { batchesOf, calm, newGate, secondsOf } from '../fixtures/gates/new-gate';

const shop = { by: 'shop/cart', spec: '85d557f47b' };

it('goes on for the canary that began the release alone, and only with what it began with', async () => {
  const { gate, make, issue, start } = await newGate(calm);
  const advance = { ask: 'advance' } as const;
  expect(await gate.ask(issue, advance, start, { caller: shop })).toEqual({ allowed: true });
  const later = start + secondsOf(issue, 1) * 1000 + 60_000;
  const staging = { ...shop, by: 'staging/cart' };
  for (const call of [advance, { ask: 'rollback' }, { ask: 'ended', how: 'abort' }] as const)
    expect(await make().ask(issue, call, later, { caller: staging })).toMatchObject({
      ...{ code: 'Replayed', clause: '/issue_id' },
    });
  const changed = { ...shop, spec: '7f4d9c' };
  for (const call of [advance, { ask: 'healthy' }, { ask: 'open' }] as const)
    expect(await gate.ask(issue, call, later, { caller: changed })).toMatchObject({
      ...{ code: 'WrongVersion', clause: '/candidate' },
    });
  expect(await gate.ask(issue, advance, later, { caller: shop })).toEqual({ allowed: true });
  // A canary that changed still tells that it failed.
  const abort = { ask: 'ended', how: 'abort' } as const;
  expect(await gate.ask(issue, abort, later, { caller: changed })).toEqual({ allowed: true });
  expect(await gate.ask(issue, advance, later, { caller: shop })).toMatchObject({ code: 'Ended' });
});

it('begins nothing by a revision that was replaced, and goes on by the one it began with', async () => {
  const { gate, issue, start, store } = await newGate(calm);
  const { gate: begun, issue: old, store: other } = await newGate(calm);
  expect(await begun.ask(old, { ask: 'advance' }, start)).toEqual({ allowed: true });
  for (const one of [store, other]) await one.record(openDraft({ title: 'prepared once more' }));
  for (const ask of ['advance', 'open'] as const)
    expect(await gate.ask(issue, { ask }, start)).toMatchObject({
      ...{ code: 'WrongRevision', clause: '/revision' },
    });
  const later = start + secondsOf(old, 1) * 1000 + 60_000;
  expect(await begun.ask(old, { ask: 'advance' }, later)).toEqual({ allowed: true });
});

it("lets Argo's polling begin nothing after an abort", async () => {
  const { gate, issue, start, store } = await newGate(calm);
  const ask = (batchId: number, now: number) => gate.ask(issue, { ask: 'advance', batchId }, now);
  expect(await ask(1, start)).toEqual({ allowed: true });
  await gate.ask(issue, { ask: 'ended', how: 'abort' }, start + 1_000);
  const written = (await store.gateEvents(issue.issue_id)).length;
  for (let poll = 0; poll < 5; poll += 1)
    for (const { batch_id: id } of batchesOf(issue).slice(0, 2))
      expect(await ask(id, start + poll * 3_600_000)).toMatchObject({ allowed: false });
  expect(await store.gateEvents(issue.issue_id)).toHaveLength(written);
});

it('shortens no observation when its clock jumps', async () => {
  const { gate, issue, start } = await newGate(calm);
  const advance = { ask: 'advance' } as const;
  expect(await gate.ask(issue, advance, start)).toEqual({ allowed: true });
  const observed = secondsOf(issue, 1) * 1000;
  // Back by an hour, to before the issue, and to 1970.
  for (const now of [start - 3_600_000, start - 30 * 86_400_000, 0, start + observed - 1])
    expect(await gate.ask(issue, advance, now)).toMatchObject({ code: 'ObservationNotOver' });
  expect(await gate.ask(issue, advance, start + observed + 60_000)).toEqual({ allowed: true });
});

it('begins nothing for a caller that does not wait for the answer', async () => {
  const { gate, issue, start, store } = await newGate(calm);
  const advance = { ask: 'advance' } as const;
  expect(await gate.ask(issue, advance, start, { isGone: () => true })).toMatchObject({
    ...{ allowed: false, code: 'OutOfOrder' },
  });
  expect(await store.gateEvents(issue.issue_id)).toEqual([]);
  expect(await gate.ask(issue, advance, start, { isGone: () => false })).toEqual({ allowed: true });
});
