import type { Action } from './action';
import { answers } from './breaches';
import {
  currentBatch,
  currentRecords,
  endedIn,
  expiredIn,
  firstOf,
  overIn,
  pausedIn,
  type Context,
} from './context';
import { isPaused } from './state';
import { BATCHES_POINTER, METRICS_POINTER } from './issue-view';
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
    return refuse('HostNotReleased', BATCHES_POINTER, 'Nothing was released yet.');
  const open = [...currentRecords(context).values()].flatMap(({ breach, rule }) =>
    breach === undefined ? [] : [{ ...breach, rule }],
  );
  const answered = open.find(
    ({ answer }) => !NO_REPAIR.includes(answer.action) && answers(action, answer),
  );
  if (answered === undefined) {
    const done = batch.repairs.some(
      (repair) => repair.action === action.action && repair.risk === action.risk,
    );
    if (open.length === 0 && done)
      return refuse('Replayed', '', `${action.action} was done already.`);
    const first = open[0];
    return refuse(
      'NoSuchMitigation',
      first === undefined ? METRICS_POINTER : `${first.rule.pointer}/on_breach`,
      `The issue answers with ${first?.answer.action ?? 'nothing: no rule is broken'}.`,
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
  if (state.ended?.how === 'finished') return refuse('Ended', '', 'The release is finished.');
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
    return refuse('HostNotReleased', '/rollback/targets', `Host ${stranger} was not released.`);
  const wrong = action.host_ids.find((host) => view.targetOf.get(host) !== action.version);
  if (wrong === undefined) return ALLOWED;
  const target = view.targetOf.get(wrong);
  return refuse(
    'WrongRollbackTarget',
    '/rollback/targets',
    target === undefined
      ? `It is not known what host ${wrong} ran before.`
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
      return overIn(context) ?? ALLOWED;
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
            BATCHES_POINTER,
            `${promoted} of ${view.batches.length} batches are promoted.`,
          );
    }
  }
}
