/** JavaScript has no dates beyond 100 million days from 1970; a broken document must not fail a read. */
const MAX_MS = 8.64e15;

export const isTime = (ms: number): boolean => Math.abs(ms) <= MAX_MS;

/** The field for the time when a relation was last seen; empty for an invalid time. */
export const lastSeenAt = (ms: number | null): { last_seen?: string } =>
  ms !== null && isTime(ms) ? { last_seen: new Date(ms).toISOString() } : {};
