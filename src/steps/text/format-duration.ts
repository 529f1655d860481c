type Unit = { name: string; seconds: number };

/** Largest first. */
const UNITS: readonly Unit[] = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
];

/**
 * A duration in seconds as people write it: `45 s`, `16 min`, `1 min 30 s`, `3 h 40 min`, `2 d 3 h`. At most the two
 * largest units, the smaller one rounded; below a minute one decimal, below a second whole milliseconds. A number that
 * is not finite gives `an unknown time`. For texts only: data keep exact seconds (`13340s`).
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'an unknown time';
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds > 0 && seconds < 0.9995) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  return shown(twoLargestUnits(seconds));
}

/** Seconds of a duration above a minute, rounded to whole ones of its second largest unit. */
export function twoLargestUnits(seconds: number): number {
  const largest = UNITS.findIndex((unit) => unit.seconds <= Math.round(seconds));
  const smaller = UNITS[largest + 1];
  // Rounding may carry into the next larger unit: 59 min 59.9 s is 1 h.
  return smaller ? Math.round(seconds / smaller.seconds) * smaller.seconds : Math.round(seconds);
}

/** Whole units of a rounded duration; those that are zero are left out. */
function shown(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const unit of UNITS) {
    const count = Math.floor(left / unit.seconds);
    left -= count * unit.seconds;
    if (count > 0) parts.push(`${count} ${unit.name}`);
  }
  return parts.join(' ');
}
