import { Freeze } from '../../../src/domain/knowledge/freeze-period';
import { freezeAt, isWithin } from '../../../src/steps/release-plan/active-freeze';
import {
  frozenBatch,
  outsideHours,
  timelineOf,
} from '../../../src/steps/release-plan/plan-timeline';

const yearEnd = Freeze.parse({
  id: 'year-end',
  owner: 'release-board@example.com',
  reason: 'Year-end closing',
  everywhere: true,
  time_zone: 'Europe/Berlin',
  from: '2026-12-24T18:00',
  until: '2027-01-02T08:00',
});
const fridays = Freeze.parse({
  id: 'fridays',
  owner: 'sre',
  reason: 'Nobody is there on Saturday',
  weekly: { time_zone: 'Asia/Shanghai', days: ['fri'], from: '16:00', until: '24:00' },
});
const policies = [
  { id: 'default', freezes: [yearEnd] },
  { id: 'shop', freezes: [fridays] },
];

it('holds by the clock on the wall of its time zone', () => {
  const at = (text: string) => freezeAt(new Date(text), { id: 'shop' }, policies)?.id;
  expect(at('2026-12-24T16:59:59Z')).toBeUndefined();
  expect(at('2026-12-24T17:00:00Z')).toBe('year-end');
  expect(at('2027-01-02T06:59:00Z')).toBe('year-end');
  expect(at('2027-01-02T07:00:00Z')).toBeUndefined();
  // 16:00 on Friday in Shanghai is 08:00 UTC.
  expect(at('2026-11-27T07:59:00Z')).toBeUndefined();
  expect(at('2026-11-27T08:00:00Z')).toBe('fridays');
  expect(at('2026-11-27T16:00:00Z')).toBeUndefined();
});

it('names its owner, its reason and its end', () => {
  expect(freezeAt(new Date('2026-11-27T09:00:00Z'), { id: 'shop' }, policies)).toEqual({
    id: 'fridays',
    owner: 'sre',
    reason: 'Nobody is there on Saturday',
    until: '2026-11-27T24:00 (Asia/Shanghai)',
  });
});

it('holds for other policies only when it is for everywhere', () => {
  const friday = new Date('2026-11-27T09:00:00Z');
  expect(freezeAt(friday, { id: 'default' }, policies)).toBeUndefined();
  expect(freezeAt(new Date('2026-12-25T00:00:00Z'), { id: 'x' }, policies)?.id).toBe('year-end');
});

it('finds the batch that would begin inside a freeze', () => {
  const batches = [600, 1800, 3600].map((seconds, i) => ({
    batch_id: i + 1,
    observation_time: `${seconds}s`,
  }));
  const slots = timelineOf(batches, new Date('2026-12-24T16:40:00Z'));
  expect(frozenBatch(slots, { id: 'default' }, policies)).toMatchObject({
    batch_id: 3,
    freeze: { id: 'year-end' },
  });
  const hours = fridays as Extract<Freeze, { weekly: unknown }>;
  expect(isWithin(hours.weekly, new Date('2026-11-27T09:00:00Z'))).toBe(true);
  expect(outsideHours(slots, hours.weekly)).toEqual([1, 2, 3]);
  expect(outsideHours(slots, undefined)).toEqual([]);
});

it.each([
  ['an unknown time zone', { ...yearEnd, time_zone: 'Berlin' }],
  ['an end before its beginning', { ...yearEnd, until: '2026-12-01T00:00' }],
  ['a date that does not exist', { ...yearEnd, from: '2026-13-01T00:00' }],
])('refuses %s', (_name, freeze) => {
  expect(Freeze.safeParse(freeze).success).toBe(false);
});
