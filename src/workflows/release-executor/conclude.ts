import { log, workflowInfo } from '@temporalio/workflow';
import type { Outcome } from '../../domain/records/outcome';
import { outcomeOf } from '../../steps/execution/release-outcome';
import { activities } from './executor-activities';
import type { Release } from './release';
import { show } from './show';
import { reasonOf } from './stop';
import { tellPeople } from './tell-people';

/** Keeps the outcome with the issue and frees the service. A store that is down undoes nothing. */
export async function conclude(release: Release): Promise<Outcome> {
  const { record, issue } = release;
  await release.tick();
  const outcome = outcomeOf(record, release.isoNow());
  release.enter(outcome.result, record.reason ?? record.rollbackReason);
  show(release);
  tellPeople(release, 'rollout.ended');
  const steps = [
    () => activities.recordOutcome.executeWithOptions({ summary: outcome.result }, [outcome]),
    () =>
      activities.endClaim.executeWithOptions({ summary: issue.service }, [
        { service: issue.service, workflow_id: workflowInfo().workflowId },
      ]),
  ];
  for (const step of steps)
    await step().catch((error: unknown) => {
      log.error('the end of a release could not be reported', reasonOf(error));
      release.note('not_reported', reasonOf(error).text);
    });
  await release.telling;
  return outcome;
}
