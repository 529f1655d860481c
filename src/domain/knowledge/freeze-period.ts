import { z } from 'zod';
import { Id, Text } from './front-matter';

const TimeZone = Text.refine(isTimeZone, 'is no IANA time zone, as Europe/Berlin or Asia/Shanghai');
const LocalTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, 'must be local time as 2026-12-24T18:00')
  .refine((text) => !Number.isNaN(Date.parse(`${text}Z`)), 'is no date');
const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day, 00:00 to 24:00');

const Day = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

/** The same hours on each of some days, in one time zone; `from` is before `until`. */
export const WeeklyHours = z
  .strictObject({
    time_zone: TimeZone,
    days: z.array(Day).min(1),
    from: TimeOfDay,
    until: TimeOfDay,
  })
  .refine(({ from, until }) => from < until, {
    path: ['until'],
    message: 'must be after from; write hours over midnight as two entries',
  });
export type WeeklyHours = z.infer<typeof WeeklyHours>;

const about = {
  id: Id,
  /** Whom to ask for an exception. */
  owner: Text,
  reason: Text,
  /** Applies to services of every policy, not only of its own. */
  everywhere: z.boolean().default(false),
};

/** When nothing is released: once, from one local time until another, or each week. */
export const Freeze = z.union([
  z
    .strictObject({ ...about, time_zone: TimeZone, from: LocalTime, until: LocalTime })
    .refine(({ from, until }) => from < until, { path: ['until'], message: 'must be after from' }),
  z.strictObject({ ...about, weekly: WeeklyHours }),
]);
export type Freeze = z.infer<typeof Freeze>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
