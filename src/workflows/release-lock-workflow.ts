import type { RawValue } from '@temporalio/common';
import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { LOCK, REJECTION } from '../domain/names';
import type {
  Claim,
  ClaimAnswer,
  ClaimEnd,
  ClaimHolder,
  ClaimRelease,
  ClaimState,
  ReleasedClaim,
} from '../domain/release-claim';
import { endsClaim, grantsClaim, isSameClaim, msUntilEnd } from '../steps/claims/claim-conflicts';
import { parseClaim, parseEnd, parseRelease } from '../steps/claims/parse-claim';
import { renderClaim } from '../steps/claims/render-claim';
import { handlerOf, unconverted, validatorOf } from './message-handlers';

const claimUpdate = defineUpdate<ClaimAnswer, [Claim]>(LOCK.claim);
const releaseUpdate = defineUpdate<ReleasedClaim, [ClaimRelease]>(LOCK.release);
const endSignal = defineSignal<[RawValue?]>(LOCK.end, unconverted);
const holderQuery = defineQuery<ClaimHolder | null>(LOCK.holder);
const stateQuery = defineQuery<ClaimState>(LOCK.state);

/** A start without a claim (its update was lost) must not stay for ever. */
const FIRST_CLAIM = '1m';

/**
 * Holds the claim on one service: at most one holder, since Temporal runs the updates of one workflow one after the
 * other. The first claim starts it (update with start); it ends when nobody holds the claim any more.
 */
export async function ReleaseLockWorkflow(): Promise<void> {
  const lock = createLock();
  setHandler(claimUpdate, lock.claim, {
    description: 'asks for the service; the answer names the holder',
    validator: validatorOf(LOCK.claim, (input) => parseClaim(input, Date.now())),
  });
  setHandler(releaseUpdate, lock.release, {
    description: 'frees the service by hand: {"by": NAME, "reason": TEXT}',
    validator: (input: ClaimRelease) => {
      validatorOf(LOCK.release, parseRelease)(input);
      lock.refuseUnlessHeld(input);
    },
  });
  setHandler(endSignal, handlerOf(LOCK.end, parseEnd, lock.end), {
    description: 'the holder has ended: {"workflow_id": ID}',
  });
  setHandler(holderQuery, lock.holder);
  setHandler(stateQuery, lock.state, { description: 'who holds the service' });
  await condition(() => lock.holder() !== null, FIRST_CLAIM);
  for (let held = lock.holder(); held !== null; held = lock.holder()) {
    const changed = () => lock.holder() !== held;
    const left = msUntilEnd(held.until, Date.now());
    if (left === null) await condition(changed);
    else if (!(await condition(changed, left))) lock.runOut();
  }
}

function createLock() {
  let holder: ClaimHolder | null = null;
  let released: ReleasedClaim | null = null;
  const hold = (next: ClaimHolder | null) => {
    holder = next;
    upsertMemo({ [LOCK.memo]: next });
    setCurrentDetails(renderClaim({ holder, released }));
  };
  const claim = (request: Claim): ClaimAnswer => {
    if (holder !== null && !grantsClaim(holder, request)) return { granted: false, holder };
    // A newer issue of a version that is being released does not take the claim from the release.
    const { phase, version } = request.holder;
    if (holder?.phase === 'releasing' && phase === 'preparing' && holder.version === version)
      return { granted: true, holder };
    // A retried claim keeps its place before others.
    const again = holder?.workflow_id === request.holder.workflow_id && holder.phase === phase;
    const since = again && holder !== null ? holder.since : new Date().toISOString();
    const next = { ...request.holder, since };
    hold(next);
    return { granted: true, holder: next };
  };
  /** The end of a preparation does not end the claim of its executor. */
  const end = (ended: ClaimEnd): void => {
    if (holder === null) return;
    if (endsClaim(holder, ended)) hold(null);
    else log.info('ignored the end of a workflow that does not hold the claim', ended);
  };
  const refuseUnlessHeld = ({ held }: ClaimRelease): void => {
    if (holder !== null && (held === undefined || isSameClaim(held, holder))) return;
    const message =
      holder === null
        ? 'Nobody holds the service.'
        : `Another claim holds the service: ${holder.workflow_id}, since ${holder.since}.`;
    throw ApplicationFailure.nonRetryable(message, REJECTION.notHeld);
  };
  const release = ({ by, reason }: ClaimRelease): ReleasedClaim => {
    // The validator has checked that there is a holder.
    const freed = { by, reason, at: new Date().toISOString(), holder: holder as ClaimHolder };
    released = freed;
    upsertMemo({ [LOCK.releasedMemo]: freed });
    hold(null);
    return freed;
  };
  return {
    holder: (): ClaimHolder | null => holder,
    state: (): ClaimState => ({ holder, released }),
    runOut: () => hold(null),
    ...{ claim, end, refuseUnlessHeld, release },
  };
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
