import { workflowInfo } from '@temporalio/workflow';
import type { Notice } from '../../domain/execution/notice';
import { batchesOf } from '../../steps/execution/executable-issue';
import { activities } from './executor-activities';
import type { Release } from './release';
import { reasonOf } from './stop';

/**
 * Tells people that the release stopped for one of them, or ended. Nothing waits for it, but the end of the workflow; a
 * receiver that does not answer within some tries undoes nothing.
 */
export function tellPeople(release: Release, type: Notice['type']): void {
  const { record, issue } = release;
  const { phase, reason, state, left } = record;
  const { workflowId } = workflowInfo();
  const told = `${type} ${phase} ${reason?.code ?? ''} ${reason?.text ?? ''}`;
  // A stop is told once, however often the flow comes back to it.
  if (record.told === told) return;
  record.told = told;
  const at = release.isoNow();
  const notice: Notice = {
    ...{ id: `${workflowId}/${issue.digest.slice(-12)}/${at}/${type}`, type, at },
    subject: `${issue.service} ${issue.candidate}`,
    data: {
      ...{ service: issue.service, version: issue.candidate, workflow_id: workflowId, phase },
      ...{ issue_id: issue.issue_id, digest: issue.digest },
      batch: state.batches[state.batches.length - 1]?.batch_id ?? 0,
      batches: batchesOf(issue).length,
      ...(reason !== undefined && { reason: shortReason(reason) }),
      released_hosts: [...state.released],
      ...(left !== undefined && left.length > 0 && { hosts_left: [...left] }),
    },
  };
  release.telling = activities.tell
    .executeWithOptions({ summary: type }, [notice])
    .catch((error: unknown) => release.note('not_told', reasonOf(error).text));
}

const shortReason = ({ code, text, rule_id: id }: NonNullable<Release['record']['reason']>) => ({
  ...{ code, text },
  ...(id !== undefined && { rule_id: id }),
});
