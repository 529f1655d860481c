import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
  setWorkflowOptions,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { LOCK } from '../domain/names';
import type { Claim, ClaimAnswer, ClaimHolder } from '../domain/release-claim';
import { grantsClaim } from '../steps/claims/claim-conflicts';

const claimUpdate = defineUpdate<ClaimAnswer, [Claim]>(LOCK.claim);
const endSignal = defineSignal<[{ workflow_id: string }]>(LOCK.end);
const holderQuery = defineQuery<ClaimHolder | null>(LOCK.holder);

/** A start without a claim (its update was lost) must not stay for ever. */
const FIRST_CLAIM = '1m';

/**
 * Holds the claim on one service: at most one holder, since Temporal takes the updates of one workflow one after the
 * other. Started by the first claim (update with start), ends when the claim does.
 */
export async function ReleaseLockWorkflow(): Promise<void> {
  let holder: ClaimHolder | null = null;
  const hold = (next: ClaimHolder | null) => {
    holder = next;
    upsertMemo({ [LOCK.memo]: next });
  };
  setHandler(claimUpdate, (claim): ClaimAnswer => {
    if (!grantsClaim(holder, claim))
      return { granted: false, holder: holder as unknown as ClaimHolder };
    // A newer issue of a version that is being released leaves the claim with the release.
    const { phase, version } = claim.holder;
    if (holder?.phase === 'releasing' && phase === 'preparing' && holder.version === version)
      return { granted: true, holder };
    // A retried claim keeps its place before others.
    const again = holder?.workflow_id === claim.holder.workflow_id && holder.phase === phase;
    const since = again && holder !== null ? holder.since : new Date().toISOString();
    const next = { ...claim.holder, since };
    hold(next);
    return { granted: true, holder: next };
  });
  setHandler(endSignal, ({ workflow_id: id }) => {
    // What an executor holds does not end with a preparation.
    if (holder?.held_by === id) hold(null);
  });
  setHandler(holderQuery, () => holder);
  const current = (): ClaimHolder | null => holder;
  await condition(() => current() !== null, FIRST_CLAIM);
  for (let held = current(); held !== null; held = current()) {
    const { until } = held;
    const changed = () => current() !== held;
    if (until === null) await condition(changed);
    else if (!(await condition(changed, Math.max(1, Date.parse(until) - Date.now())))) hold(null);
  }
}

/**
 * Lives as long as releases follow each other: it moves on to each new version of the workers. The server refuses a
 * behaviour from workers without versions.
 */
setWorkflowOptions(
  () =>
    workflowInfo().currentDeploymentVersion?.deploymentName
      ? { versioningBehavior: 'AUTO_UPGRADE' }
      : {},
  ReleaseLockWorkflow,
);
