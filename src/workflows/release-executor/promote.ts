import type { Release } from './release';
import { stopForPerson } from './stop';

/** The batch has passed; what the guard refuses is for a person. */
export function promote(release: Release, batchId: number): void {
  const verdict = release.act(
    { type: 'promote', batch_id: batchId },
    `batch ${batchId} has passed`,
  );
  if (!verdict.allowed)
    return stopForPerson(release, {
      ...{ code: verdict.code, text: verdict.message, source: verdict.clause },
    });
  const { batches } = release.record;
  const batch = batches[batches.length - 1];
  if (batch !== undefined) batch.observed_until = release.isoNow();
}

export function finish(release: Release): void {
  const verdict = release.act({ type: 'finish' }, 'all batches are released');
  if (!verdict.allowed)
    stopForPerson(release, { code: verdict.code, text: verdict.message, source: verdict.clause });
}
