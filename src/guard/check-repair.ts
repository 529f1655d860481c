import type { Action } from './action';
import { answers } from './breaches';
import { currentRecords, type Context } from './context';
import { BATCHES_POINTER, METRICS_POINTER } from './issue-view';
import { ALLOWED, refuse, type Refusal, type Verdict } from './verdict';

const NO_REPAIR: readonly string[] = ['rollback', 'pause'];
const TARGETS_POINTER = '/rollback/targets';

/** A mitigation: only what the issue has for the breach that is open, on hosts that were released. */
export function checkMitigate(
  context: Context,
  action: Extract<Action, { type: 'mitigate' }>,
): Verdict {
  const { view, state } = context;
  const batch = state.batches.at(-1);
  if (!batch) return refuse('HostNotReleased', BATCHES_POINTER, 'Nothing was released yet.');
  const open = currentRecords(context).flatMap(({ breach, rule }) =>
    breach ? [{ answer: breach.answer, clause: rule.answersPointer }] : [],
  );
  const answered = open.find(
    ({ answer }) => !NO_REPAIR.includes(answer.action) && answers(action, answer),
  );
  if (!answered) {
    const [first] = open;
    const done = batch.repairs.some(
      (one) => one.action === action.action && one.risk === action.risk,
    );
    if (!first && done) return refuse('Replayed', '', `${action.action} was done already.`);
    return refuse(
      'NoSuchMitigation',
      first?.clause ?? METRICS_POINTER,
      `The issue answers with ${first?.answer.action ?? 'nothing: no rule is broken'}.`,
    );
  }
  const { capabilities } = view.issue;
  if (capabilities && !capabilities.includes(action.action))
    return refuse(
      'NoSuchMitigation',
      '/capabilities',
      `The release system cannot ${action.action}.`,
    );
  const { answer, clause } = answered;
  const named = action.host_ids;
  if (named.length === 0) return refuse('MissingHost', clause, 'The mitigation names no host.');
  const stranger = notReleased(named, state.released, clause);
  if (stranger || answer.hosts !== 'batch') return stranger ?? ALLOWED;
  const extra = named.find((host) => !batch.hosts.includes(host));
  return extra === undefined
    ? ALLOWED
    : refuse('ExtraHost', clause, `Host ${extra} is not in the batch that is repaired.`);
}

function notReleased(
  named: readonly string[],
  released: readonly string[],
  clause: string,
): Refusal | undefined {
  const known = new Set(released);
  const stranger = named.find((host) => !known.has(host));
  return stranger === undefined
    ? undefined
    : refuse('HostNotReleased', clause, `Host ${stranger} was not released.`);
}

/**
 * A rollback: released hosts, each to the version that it ran at verification. It never needs what a deploy needs:
 * neither approval nor time, and it is allowed while paused, after expiry and after an abort.
 */
export function checkRollback(
  { view, state }: Context,
  { host_ids: named, version }: Extract<Action, { type: 'rollback' }>,
): Verdict {
  const { ended, released, rolledBack } = state;
  if (ended?.how === 'finished') return refuse('Ended', '', 'The release is finished.');
  const nothing = (why: string) => refuse('NothingToRollBack', TARGETS_POINTER, why);
  if (named.length === 0) return nothing('The rollback names no host.');
  if (released.length === 0)
    return rolledBack.length === 0
      ? nothing('Nothing was released.')
      : refuse('Replayed', TARGETS_POINTER, 'All hosts were rolled back already.');
  const stranger = notReleased(named, released, TARGETS_POINTER);
  if (stranger) return stranger;
  const wrong = named.find((host) => view.targetOf.get(host) !== version);
  if (wrong === undefined) return ALLOWED;
  const target = view.targetOf.get(wrong);
  return refuse(
    'WrongRollbackTarget',
    TARGETS_POINTER,
    target === undefined
      ? `It is not known what host ${wrong} ran before.`
      : `Host ${wrong} ran ${target} before, not ${version}.`,
  );
}
