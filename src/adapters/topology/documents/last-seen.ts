/** Beyond 100 million days from 1970 there are no dates: a broken document must not end a read. */
const MAX_MS = 8.64e15;

export const isTime = (ms: number): boolean => Math.abs(ms) <= MAX_MS;

/** When a relation was last seen, as its field; none where that is no time. */
export const lastSeenAt = (ms: number | null): { last_seen?: string } =>
  ms !== null && isTime(ms) ? { last_seen: new Date(ms).toISOString() } : {};
