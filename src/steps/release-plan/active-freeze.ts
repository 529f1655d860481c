import type { Freeze, WeeklyHours } from '../../domain/knowledge/freeze-period';
import type { RolloutDocument } from '../../domain/knowledge/rollout-document';

export type ActiveFreeze = {
  id: string;
  owner: string;
  reason: string;
  /** In the freeze's own time zone, for people. */
  until: string;
};

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type LocalTime = { date: string; time: string; day: (typeof DAYS)[number] };

/** The freeze that applies at a time to a service under `policy`: one of the policy, or one for all services. */
export function freezeAt(
  at: Date,
  policy: Pick<RolloutDocument, 'id'>,
  policies: readonly Pick<RolloutDocument, 'id' | 'freezes'>[],
): ActiveFreeze | undefined {
  const freezes = policies.flatMap(({ id, freezes: list }) =>
    list.filter(({ everywhere }) => everywhere || id === policy.id),
  );
  for (const freeze of freezes) {
    const until = endOf(freeze, at);
    if (until === undefined) continue;
    const { id, owner, reason } = freeze;
    return { id, owner, reason, until };
  }
  return undefined;
}

/** Whether a time is within the weekly hours. */
export function isWithin({ time_zone, days, from, until }: WeeklyHours, at: Date): boolean {
  const { day, time } = localTime(at, time_zone);
  return days.includes(day) && from <= time && time < until;
}

function endOf(freeze: Freeze, at: Date): string | undefined {
  if ('weekly' in freeze) {
    const { weekly } = freeze;
    if (!isWithin(weekly, at)) return undefined;
    return `${localTime(at, weekly.time_zone).date}T${weekly.until} (${weekly.time_zone})`;
  }
  const { date, time } = localTime(at, freeze.time_zone);
  const now = `${date}T${time}`;
  if (now < freeze.from || now >= freeze.until) return undefined;
  return `${freeze.until} (${freeze.time_zone})`;
}

/** Date, time and weekday in a time zone; Intl knows its daylight saving times. */
function localTime(at: Date, timeZone: string): LocalTime {
  const parts = formatIn(timeZone).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((one) => one.type === type)?.value ?? '';
  const day = DAYS.find((name) => name === part('weekday').toLowerCase()) ?? 'mon';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
    day,
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Made once a zone: making one takes longer than using it a hundred times. */
function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(timeZone, format);
  return format;
}
