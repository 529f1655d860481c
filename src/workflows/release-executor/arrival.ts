import {
  condition,
  isCancellation,
  log,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { newRecord } from '../../steps/execution/release-record';
import { escapeMarkdown } from '../../steps/text/escape-markdown';
import { activities } from './executor-activities';
import { recordedTime } from './recorded-time';
import { createRelease, type Release } from './release';
import type { answerMessages } from './release-messages';
import { reasonOf } from './stop';

/** Whoever starts the workflow sends the issue with the start; a start without one must not stay for ever. */
const NO_ISSUE = '10m';

/**
 * The release of the first issue that may be begun. Undefined when none comes: a digest that has ended is refused, since
 * a delivery may be repeated after its release.
 */
export async function arrival(
  messages: ReturnType<typeof answerMessages>,
  current?: Release,
): Promise<Release | undefined> {
  while (await condition(messages.hasDelivery, NO_ISSUE)) {
    const delivery = messages.delivery();
    if (delivery === undefined) continue;
    const opened = await activities.openIssue
      .executeWithOptions({ summary: delivery.issue_id }, [delivery])
      .catch((error: unknown) => {
        // A bad delivery does not end a release that waits.
        if (current === undefined || isCancellation(error)) throw error;
        return { refused: { ...reasonOf(error), frees: undefined } };
      });
    if ('issue' in opened) {
      const { issue } = opened;
      // A delivery of an earlier revision may come late.
      if (current !== undefined && issue.revision <= current.issue.revision) return current;
      const now = await recordedTime();
      const release = createRelease(newRecord(issue, new Date(now).toISOString()), issue, now);
      release.note('issue', `${issue.issue_id} (${issue.digest}), valid until ${issue.expires_at}`);
      return release;
    }
    const { code, text, frees } = opened.refused;
    log.warn('an issue was refused', { issue: delivery.issue_id, code, text });
    setCurrentDetails(escapeMarkdown(`${delivery.issue_id} was refused: ${code}: ${text}`));
    if (frees !== undefined)
      await activities.endClaim({ service: frees, workflow_id: workflowInfo().workflowId });
    if (!messages.hasDelivery()) return current;
  }
  return undefined;
}
