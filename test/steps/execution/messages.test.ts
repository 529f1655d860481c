import {
  parseAbort,
  parseApprove,
  parseContinue,
  parseDelivery,
  parsePause,
} from '../../../src/steps/execution/messages';

it.each([
  ['a delivery', parseDelivery, { issue_id: 'a-r1', digest: 'sha256:1' }],
  ['an approval', parseApprove, { by: 'Bob', digest: 'sha256:1' }],
  ['a pause', parsePause, { by: 'Bob', reason: 'lunch' }],
  ['a continue', parseContinue, { by: 'Bob' }],
] as const)('reads %s, and refuses what misses a field or is none', (_, parse, good) => {
  expect(parse(good)).toEqual({ ok: true, value: good });
  for (const field of Object.keys(good)) {
    expect(parse({ ...good, [field]: undefined })).toMatchObject({ ok: false });
    expect(parse({ ...good, [field]: 7 })).toMatchObject({ ok: false });
    expect(parse({ ...good, [field]: 'x'.repeat(2_000) })).toMatchObject({ ok: false });
  }
  for (const bad of [null, undefined, [], 'text', 7])
    expect(parse(bad)).toMatchObject({ ok: false });
});

it('takes the issue of a delivery as it is', () => {
  const issue = { anything: true };
  expect(parseDelivery({ issue_id: 'a', digest: 'b', issue })).toMatchObject({ value: { issue } });
});

it('rolls back with an abort only where it is asked for in so many words', () => {
  const abort = { by: 'Ana', reason: 'wrong' };
  expect(parseAbort(abort)).toMatchObject({ ok: true, value: { rollback: false } });
  expect(parseAbort({ ...abort, rollback: true })).toMatchObject({ value: { rollback: true } });
  expect(parseAbort({ ...abort, rollback: 'yes' })).toMatchObject({ ok: false });
});
