import type { Action } from './action';
import {
  currentBatch,
  currentRecords,
  endedIn,
  expiredIn,
  firstOf,
  pausedIn,
  type Context,
} from './context';
import { isPaused } from './state';
import type { Answer } from './issue-view';
import { ALLOWED, refuse, type Refusal, type Verdict } from './verdict';

const NO_REPAIR: readonly string[] = ['rollback', 'pause'];

/** A mitigation: only what the issue has for the breach that is open, on hosts that were released. */
export function checkMitigate(
  context: Context,
  action: Extract<Action, { type: 'mitigate' }>,
): Verdict {
  const { view, state } = context;
  const refusal = firstOf(context, endedIn, expiredIn, pausedIn);
  if (refusal !== undefined) return refusal;
  const batch = currentBatch(state);
  if (batch === undefined)
    return refuse(
      'HostNotReleased',
      '/steps/2/details/gray_strategy/batches',
      'Nothing was released yet.',
    );
  const open = [...currentRecords(context).values()].flatMap(({ breach, rule }) =>
    breach === undefined ? [] : [{ ...breach, rule }],
  );
  const answered = open.find(({ answer }) => isThe(action, answer));
  if (answered === undefined) {
    const done = batch.repairs.some(
      (repair) => repair.action === action.action && repair.risk === action.risk,
    );
    if (open.length === 0 && done)
      return refuse('Replayed', '', `${action.action} was done already; no rule is broken now.`);
    const first = open[0];
    const clause =
      first === undefined ? '/steps/1/details/metrics' : `${first.rule.pointer}/on_breach`;
    const expected =
      first === undefined ? 'no rule is broken' : `it answers with ${first.answer.action}`;
    return refuse(
      'NoSuchMitigation',
      clause,
      `The issue has no ${action.action} for this: ${expected}.`,
    );
  }
  const { capabilities } = view.issue;
  if (capabilities !== undefined && !capabilities.includes(action.action))
    return refuse(
      'NoSuchMitigation',
      '/capabilities',
      `The release system cannot ${action.action}.`,
    );
  const allowed = answered.answer.hosts === 'batch' ? batch.hosts : state.released;
  return hostsWithin(action.host_ids, allowed, state.released, answered.rule.pointer) ?? ALLOWED;
}

const isThe = (action: Extract<Action, { type: 'mitigate' }>, answer: Answer): boolean =>
  !NO_REPAIR.includes(answer.action) &&
  answer.action === action.action &&
  (action.risk === undefined || answer.risk === undefined || answer.risk === action.risk);

function hostsWithin(
  named: readonly string[],
  allowed: readonly string[],
  released: readonly string[],
  pointer: string,
): Refusal | undefined {
  const clause = `${pointer}/on_breach`;
  if (named.length === 0) return refuse('MissingHost', clause, 'The mitigation names no host.');
  const stranger = named.find((host) => !released.includes(host));
  if (stranger !== undefined)
    return refuse('HostNotReleased', clause, `Host ${stranger} was not released.`);
  const extra = named.find((host) => !allowed.includes(host));
  return extra === undefined
    ? undefined
    : refuse('ExtraHost', clause, `Host ${extra} is not in the batch that is repaired.`);
}

/**
 * A rollback: released hosts, each to the version that it ran at verification. It never needs what a deploy needs:
 * neither approval nor time, and it is allowed while paused, after expiry and after an abort.
 */
export function checkRollback(
  context: Context,
  action: Extract<Action, { type: 'rollback' }>,
): Verdict {
  const { view, state } = context;
  if (state.ended?.how === 'finished')
    return refuse('Ended', '', 'The release is finished; a rollback is a release of its own.');
  if (action.host_ids.length === 0)
    return refuse('NothingToRollBack', '/rollback/targets', 'The rollback names no host.');
  if (state.released.length === 0) {
    const done = state.rolledBack.length > 0;
    return done
      ? refuse('Replayed', '/rollback/targets', 'All hosts were rolled back already.')
      : refuse('NothingToRollBack', '/rollback/targets', 'Nothing was released.');
  }
  const released = new Set(state.released);
  const stranger = action.host_ids.find((host) => !released.has(host));
  if (stranger !== undefined)
    return refuse(
      'HostNotReleased',
      '/rollback/targets',
      `Host ${stranger} does not run the candidate by this release.`,
    );
  const wrong = action.host_ids.find((host) => view.targetOf.get(host) !== action.version);
  if (wrong === undefined) return ALLOWED;
  const target = view.targetOf.get(wrong);
  return refuse(
    'WrongRollbackTarget',
    '/rollback/targets',
    target === undefined
      ? `The issue does not know which version host ${wrong} ran before.`
      : `Host ${wrong} ran ${target} before, not ${action.version}.`,
  );
}

/** Pause, continue, abort, finish. */
export function checkControl(
  context: Context,
  { type }: Extract<Action, { type: 'pause' | 'continue' | 'abort' | 'finish' }>,
): Verdict {
  const { view, state } = context;
  switch (type) {
    case 'abort':
      return state.ended === undefined
        ? ALLOWED
        : refuse('Ended', '', `The release is over: it was ${state.ended.how}.`);
    case 'pause':
      return endedIn(context) ?? ALLOWED;
    case 'continue': {
      const refusal = firstOf(context, endedIn, expiredIn);
      if (refusal !== undefined) return refusal;
      return isPaused(state) ? ALLOWED : refuse('OutOfOrder', '', 'The release is not paused.');
    }
    case 'finish': {
      const refusal = firstOf(context, endedIn, pausedIn);
      if (refusal !== undefined) return refusal;
      const promoted = state.batches.filter(({ promotedAt }) => promotedAt !== undefined).length;
      return promoted === view.batches.length
        ? ALLOWED
        : refuse(
            'OutOfOrder',
            '/steps/2/details/gray_strategy/batches',
            `${promoted} of ${view.batches.length} batches are promoted.`,
          );
    }
  }
}
