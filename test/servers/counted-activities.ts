import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../src/activities';
import { createReleasePrepClient, type ReleasePrepClient } from '../../src/client';
import type { ReleaseRequest } from '../../src/domain/release';
import { versionCheck } from '../fixtures/outcomes';
import { stubActivities, type Bench } from './release-worker';

export type Counts = Partial<Record<keyof Activities, number>>;

/** Activities that answer at once, and how often each was executed. */
export function countedActivities(changes: Partial<Activities> = {}) {
  const counts: Counts = {};
  const counted = Object.entries(
    stubActivities({
      verifyVersion: async (input) => ({
        request: input as ReleaseRequest,
        outcome: { result: versionCheck, warnings: [] },
      }),
      ...changes,
    }),
  ).map(([name, activity]) => [
    name,
    (...args: unknown[]) => {
      counts[name as keyof Activities] = (counts[name as keyof Activities] ?? 0) + 1;
      return (activity as (...all: unknown[]) => unknown)(...args);
    },
  ]);
  return { counts, activities: Object.fromEntries(counted) as Activities };
}

/** An upstream that is down until it is mended; for good, so that no retry of Temporal's hides the failure. */
export function breakable(type: string) {
  let broken = true;
  return {
    mend: () => void (broken = false),
    breakAgain: () => void (broken = true),
    guard:
      <Args extends unknown[], Result>(activity: (...args: Args) => Promise<Result>) =>
      (...args: Args): Promise<Result> =>
        broken
          ? Promise.reject(ApplicationFailure.nonRetryable('it is down', type))
          : activity(...args),
  };
}

/** A worker with counted activities, the client library, and a release of its own. */
export async function withRelease<Result>(
  bench: Bench,
  changes: Partial<Activities>,
  body: (run: {
    library: ReleasePrepClient;
    counts: Counts;
    request: ReleaseRequest;
    taskQueue: string;
  }) => Promise<Result>,
): Promise<Result> {
  const { counts, activities } = countedActivities(changes);
  return bench.withWorker(activities, (taskQueue) => {
    const library = createReleasePrepClient({ client: bench.client, taskQueue });
    const request = { service: `shop-${randomUUID()}`, version: 'v1.1.0' };
    return body({ library, counts, request, taskQueue });
  });
}
