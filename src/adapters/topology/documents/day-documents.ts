import type { Range } from '../schemas/topology-schema';

const DAY_MS = 86_400_000;

/** The UTC day of a time, `YYYY-MM-DD`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

/**
 * Where to find a window's documents when a job writes one per day with that day's midnight as its time: from the day
 * on which the window begins, and one day earlier, because the newest day's job may not have run yet.
 */
export const daysAround = ({ from, to }: Range): Range => ({ from: startOfDay(from) - DAY_MS, to });

/** The days of daysAround, oldest first. */
export function daysOf(range: Range): string[] {
  const { from, to } = daysAround(range);
  const days: string[] = [];
  for (let at = from; at < to; at += DAY_MS) days.push(dayOf(at));
  return days;
}

/** The documents of the window's own days; those of the day before only if there are no others. */
export function ofWindow<Item>(
  found: ReadonlyMap<string, Item>,
  { from }: Range,
): Map<string, Item> {
  const own = [...found].filter(([day]) => day >= dayOf(from));
  return new Map(own.length > 0 ? own : found);
}
