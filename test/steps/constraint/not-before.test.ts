import type { RolloutDocument } from '../../../src/domain/knowledge/rollout-document';
import { notBefore } from '../../../src/steps/constraint/not-before';

const days = ['mon', 'tue', 'wed', 'thu', 'fri'];
const office = { time_zone: 'Asia/Shanghai', days, from: '09:30', until: '18:00' };
const about = { id: 'year-end', owner: 'board', reason: 'closing', everywhere: true };
const yearEnd = {
  ...about,
  ...{ time_zone: 'Europe/Berlin', from: '2026-12-24T18:00', until: '2027-01-02T08:07' },
};
const policy = (changes: object): RolloutDocument =>
  ({ id: 'default', freezes: [], ...changes }) as unknown as RolloutDocument;
const begin = (changes: object, now: string) => {
  const one = policy(changes);
  return notBefore(one, [one], new Date(now))?.toISOString();
};

it.each([
  ['within the working hours', { working_hours: office }, '2026-11-30T03:00:10Z', undefined],
  ['without hours and freezes', {}, '2026-11-29T03:00:00Z', undefined],
  // Friday 18:00 in Shanghai is after hours: Monday 09:30.
  [
    'at the end of hours',
    { working_hours: office },
    '2026-11-27T10:00:00Z',
    '2026-11-30T01:30:00.000Z',
  ],
  [
    'in the night',
    { working_hours: office },
    '2026-11-30T16:44:17.123Z',
    '2026-12-01T01:30:00.000Z',
  ],
  ['in a freeze', { freezes: [yearEnd] }, '2026-12-30T12:00:00Z', '2027-01-02T07:07:00.000Z'],
  [
    'in a freeze that ends at night',
    { freezes: [yearEnd], working_hours: office },
    '2026-12-30T12:00:00Z',
    '2027-01-04T01:30:00.000Z',
  ],
])('%s', (_when, changes, now, expected) => {
  expect(begin(changes, now)).toBe(expected);
});

it('keeps to the local hours when the clocks change', () => {
  const berlin = { ...office, time_zone: 'Europe/Berlin' };
  // The night of 28 March 2027 has no 02:00 to 03:00.
  expect(begin({ working_hours: berlin }, '2027-03-26T20:00:00Z')).toBe('2027-03-29T07:30:00.000Z');
});

it('looks a month ahead, in less than a second', () => {
  const never = { ...yearEnd, until: '2099-01-01T00:00' };
  const started = performance.now();
  expect(begin({ freezes: Array(5).fill(never) }, '2026-12-30T12:00:00Z')).toBe(
    '2027-01-30T12:00:00.000Z',
  );
  expect(performance.now() - started).toBeLessThan(1_000);
});

it('never answers with an earlier or a closed time', () => {
  const open = { working_hours: office, freezes: [yearEnd] };
  for (let hour = 0; hour < 24 * 14; hour += 1) {
    const now = new Date(Date.parse('2026-12-22T00:00:30Z') + hour * 3_601_000);
    const time = begin(open, now.toISOString());
    if (time === undefined) continue;
    expect(Date.parse(time)).toBeGreaterThan(now.getTime());
    expect(begin(open, time)).toBeUndefined();
    expect(begin(open, new Date(Date.parse(time) - 60_000).toISOString())).toBe(time);
  }
});
