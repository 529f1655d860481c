import { metricMeter } from '@temporalio/workflow';

/** One preparation that ended: `success`, `warning`, or why it did not (a failure's type, `cancelled`). Not in replays. */
export const countOutcome = (outcome: string): void =>
  metricMeter
    .createCounter('release_prep_preparations', undefined, 'Preparations that ended, by outcome')
    .add(1, { outcome });
