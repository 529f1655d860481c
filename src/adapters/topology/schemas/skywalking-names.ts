/** One end of a relation; `real` services have an agent, the others are addresses or names that agents called. */
export type SkywalkingService = { name: string; real: boolean };

const ENTITY = /^([A-Za-z0-9+/]*={0,2})\.([01])-([A-Za-z0-9+/]*={0,2})\.([01])$/;

/** `b64(source).1-b64(destination).0` → both ends; null for anything else. */
export function parseEntity(
  id: string,
): { source: SkywalkingService; dest: SkywalkingService } | null {
  const [, source, sourceReal, dest, destReal] = ENTITY.exec(id) ?? [];
  if (!source || !dest) return null;
  return {
    source: { name: nameOf(source), real: sourceReal === '1' },
    dest: { name: nameOf(dest), real: destReal === '1' },
  };
}

const nameOf = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

/** The id of a service that has an agent. */
export const serviceId = (name: string): string =>
  `${Buffer.from(name, 'utf8').toString('base64')}.1`;

/** A minute's `time_bucket`, `YYYYMMDDHHmm`: 12 digits. Hours (10 digits) and days (8) share the index and stay below any minute. */
export const minuteBucket = (ms: number): number =>
  Number(new Date(ms).toISOString().replace(/\D/g, '').slice(0, 12));

/** Epoch milliseconds of a minute's `time_bucket`, NaN of any other; the server's zone is taken to be UTC, as in its images. */
export function bucketTime(bucket: number): number {
  const minute = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$/;
  const text = String(bucket);
  return minute.test(text) ? Date.parse(text.replace(minute, '$1-$2-$3T$4:$5:00Z')) : NaN;
}
