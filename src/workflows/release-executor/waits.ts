import { condition, isCancellation } from '@temporalio/workflow';
import type { Next } from '../../guard/guard';
import { activities } from './executor-activities';
import type { Release } from './release';
import { approveBy } from './release-messages';
import { show } from './show';
import { tellPeople } from './tell-people';

type Wait = Extract<Next, { do: 'wait' }>;

/** How long a release that needs a person waits for one; then it ends, and its outcome says so. */
const PERSON_LIMIT_MS = 7 * 86_400_000;
/** Recorded approvals are looked for at growing intervals; an approval by message is heard at once. */
const FIRST_LOOK_MS = 5_000;
const LONGEST_LOOK_MS = 300_000;

/** Waits until something changes. `over`: nothing will any more. */
export async function waitFor(
  release: Release,
  wait: Wait,
  isReplaced: () => boolean,
): Promise<'over' | undefined> {
  const { record, issue } = release;
  const heard = release.messages();
  const changed = () => release.messages() !== heard || isReplaced();
  switch (wait.for) {
    case 'approval': {
      release.enter('waiting_approval', { code: 'NotApproved', text: wait.reason });
      show(release);
      await approvals(release, changed);
      return undefined;
    }
    case 'time': {
      const until = wait.until === undefined ? undefined : Date.parse(wait.until);
      release.enter('waiting_approval', {
        code: 'Frozen',
        text: `${wait.reason}; until ${wait.until ?? 'further notice'}`,
      });
      show(release);
      const left = until === undefined ? PERSON_LIMIT_MS : Math.max(1_000, until - release.now());
      await condition(changed, left);
      return undefined;
    }
    case 'continue': {
      if (record.phase !== 'needs_person')
        release.enter('paused', record.pausedBy ?? { code: 'Paused', text: wait.reason });
      show(release);
      if (record.phase === 'needs_person') tellPeople(release, 'rollout.stopped');
      if (await condition(changed, PERSON_LIMIT_MS)) return undefined;
      return giveUp(release, 'nobody continued or aborted it');
    }
    case 'new_revision': {
      const text = `${wait.reason}: prepare the release again`;
      if (record.state.batches.length === 0) {
        release.act({ type: 'abort' }, text);
        release.enter('aborted', { code: 'Expired', text, source: '/expires_at' });
        return 'over';
      }
      // Half of the fleet runs the candidate: a person says whether it stays.
      release.enter('needs_person', { code: 'Expired', text, source: '/expires_at' });
      show(release);
      tellPeople(release, 'rollout.stopped');
      if (await condition(changed, PERSON_LIMIT_MS)) return undefined;
      return giveUp(release, `${issue.issue_id} expired, and nobody aborted the release`);
    }
  }
}

/** Until an approval is there, or the issue expires. */
async function approvals(release: Release, changed: () => boolean): Promise<void> {
  const { issue } = release;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, LONGEST_LOOK_MS)) {
    // A store that is down does not end a release: an approval by message is heard all the same.
    const found = await activities
      .readApprovals({ issue_id: issue.issue_id })
      .catch(nothingIfBroken);
    const now = await release.tick();
    for (const approval of found)
      // What the clock of another machine dates later than now does not count yet; it is found again.
      if (Date.parse(approval.at) <= now) approveBy(release, approval);
    if (changed()) return;
    const left = Date.parse(issue.expires_at) - now;
    if (!(left > 0)) return;
    if (await condition(changed, Math.min(pause, left))) return;
  }
}

function nothingIfBroken(error: unknown): [] {
  if (isCancellation(error)) throw error;
  return [];
}

function giveUp(release: Release, text: string): 'over' {
  release.enter('needs_person', { code: 'NobodyCame', text });
  return 'over';
}
