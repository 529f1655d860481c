/** Beyond 100 million days from 1970 there are no dates; microseconds written for milliseconds get there. */
const MAX_MS = 8.64e15;

/** Epoch milliseconds → RFC 3339; undefined for what is no time. */
export const isoTime = (ms: number | null | undefined): string | undefined =>
  typeof ms === 'number' && Math.abs(ms) <= MAX_MS ? new Date(ms).toISOString() : undefined;
