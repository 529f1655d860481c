import type { RawValue } from '@temporalio/common';
import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { ExecutionState } from '../../domain/execution/execution';
import { EXECUTOR, SIGNAL } from '../../domain/names';
import type { RefusalCode } from '../../guard/guard';
import {
  parseAbort,
  parseApprove,
  parseContinue,
  parseDelivery,
  parsePause,
  type Abort,
  type Approve,
  type Continue,
  type Delivery,
  type Pause,
} from '../../steps/execution/messages';
import { stateView } from '../../steps/execution/state-view';
import { handlerOf, unconverted, validatorOf } from '../message-handlers';
import type { Release } from './release';

const releaseIssue = defineSignal<[RawValue?]>(SIGNAL.releaseIssue, unconverted);
const approve = defineUpdate<ExecutionState, [Approve]>(EXECUTOR.approve);
const pause = defineUpdate<ExecutionState, [Pause]>(EXECUTOR.pause);
const goOn = defineUpdate<ExecutionState, [Continue]>(EXECUTOR.continue);
const abort = defineUpdate<ExecutionState, [Abort]>(EXECUTOR.abort);
const state = defineQuery<ExecutionState>(EXECUTOR.state);

/** Deliveries wait here for the flow; a digest that was taken already is dropped. */
const MAX_WAITING = 10;

/** The messages of people and orchestrators. What the guard refuses, the validator rejects: nothing is recorded then. */
export function answerMessages(current: () => Release | undefined) {
  const deliveries: Delivery[] = [];
  const taken = new Set<string>();
  const view = (): ExecutionState => stateView(current()?.record, Date.now());
  const demand = (): Release => {
    const release = current();
    if (release === undefined) throw rejected('NoIssue', 'No issue has arrived yet.');
    return release;
  };
  /** For handlers, which replays run again; a validator changes nothing, since replays leave it out. */
  const updated = (): Release => {
    const release = demand();
    release.updatedAt(Date.now());
    return release;
  };

  setHandler(
    releaseIssue,
    handlerOf(SIGNAL.releaseIssue, parseDelivery, (delivery) => {
      if (taken.has(delivery.digest) || deliveries.length >= MAX_WAITING) return;
      taken.add(delivery.digest);
      deliveries.push(delivery);
      current()?.heard();
    }),
    { description: 'the issue to obey: {"issue_id": ID, "digest": TEXT, "issue"?: {...}}' },
  );
  setHandler(state, view, { description: 'phase, batch, hosts, rules, reason and events' });

  setHandler(
    approve,
    ({ by, digest }) => {
      const release = updated();
      approveBy(release, { by, digest, at: release.isoNow() });
      return view();
    },
    {
      description: 'approves the issue: {"by": NAME, "digest": TEXT}',
      validator: (input: Approve) => {
        validatorOf(EXECUTOR.approve, parseApprove)(input);
        refuseApproval(demand(), input);
      },
    },
  );
  setHandler(
    pause,
    ({ by, reason }) => {
      const release = updated();
      release.act({ type: 'pause' }, reason, by);
      release.record.pausedBy = { code: 'Paused', text: `${by}: ${reason}` };
      release.heard();
      return view();
    },
    {
      description: 'nothing further happens until `continue`: {"by": NAME, "reason": TEXT}',
      validator: (input: Pause) => {
        validatorOf(EXECUTOR.pause, parsePause)(input);
        refuseUnless(demand().check({ type: 'pause' }, Date.now()));
      },
    },
  );
  setHandler(
    goOn,
    ({ by }) => {
      const release = updated();
      if (release.record.left === undefined) release.act({ type: 'continue' }, 'continued', by);
      else release.note('continue', `${by}: tries the rollback again`);
      release.record.decided = 'retry';
      release.heard();
      return view();
    },
    {
      description: 'goes on after a pause, or tries a failed rollback again: {"by": NAME}',
      validator: (input: Continue) => {
        validatorOf(EXECUTOR.continue, parseContinue)(input);
        const release = demand();
        if (release.record.left === undefined)
          refuseUnless(release.check({ type: 'continue' }, Date.now()));
      },
    },
  );
  setHandler(
    abort,
    ({ by, reason, rollback = false }) => {
      const release = updated();
      release.act({ type: 'abort' }, reason, by);
      release.record.aborted ??= { by, reason, rollback };
      release.record.decided = 'leave';
      release.heard();
      return view();
    },
    {
      description: 'ends the release: {"by": NAME, "reason": TEXT, "rollback"?: true}',
      validator: (input: Abort) => {
        validatorOf(EXECUTOR.abort, parseAbort)(input);
        const release = demand();
        if (release.record.left === undefined)
          refuseUnless(release.check({ type: 'abort' }, Date.now()));
      },
    },
  );
  return {
    delivery: (): Delivery | undefined => deliveries.shift(),
    hasDelivery: (): boolean => deliveries.length > 0,
    /** A digest that this run carries from an earlier one. */
    took: (digest: string): void => void taken.add(digest),
  };
}

/** Records an approval once a person. */
export function approveBy(
  release: Release,
  given: { by: string; digest: string; at: string },
): void {
  const { record, issue } = release;
  const known = record.state.approvals.some(
    ({ by, digest }) => digest === given.digest && by === given.by,
  );
  if (known || given.digest !== issue.digest) return;
  release.add({ type: 'approve', ...given });
  release.note('approve', `approved by ${given.by}`);
  release.heard();
}

function refuseApproval({ issue, record }: Release, { digest }: Approve): void {
  if (digest !== issue.digest)
    throw rejected('WrongDigest', `This release is of ${issue.issue_id}, ${issue.digest}.`);
  if (record.state.ended !== undefined) throw rejected('Ended', 'The release has ended.');
  if (!(Date.now() < Date.parse(issue.expires_at)))
    throw rejected('Expired', `The issue expired at ${issue.expires_at}.`);
}

function refuseUnless(verdict: ReturnType<Release['check']>): void {
  if (!verdict.allowed) throw rejected(verdict.code, verdict.message);
}

const rejected = (code: RefusalCode | 'NoIssue', text: string): ApplicationFailure =>
  ApplicationFailure.create({ type: code, message: text, nonRetryable: true, details: [{ code }] });
