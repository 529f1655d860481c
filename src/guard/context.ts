import { recordsOf, type RuleRecord } from './breaches';
import { BATCHES_POINTER, METRICS_POINTER, type IssueView } from './issue-view';
import { isPaused, type BatchState, type State } from './state';
import { durationText } from './time';
import { refuse, type Refusal } from './verdict';

/** What each check gets: the issue, how far the release is, and the time in milliseconds. */
export type Context = { view: IssueView; state: State; now: number };
/** One reason to refuse. */
export type Reason = (context: Context) => Refusal | undefined;

/** The batch that is observed: deployed last, and not promoted. */
export function observedBatch(state: State): BatchState | undefined {
  const batch = state.batches.at(-1);
  return batch?.promotedAt === undefined ? batch : undefined;
}

/** The records of the rules in the batch that is observed. */
export function currentRecords({ view, state }: Context): RuleRecord[] {
  const batch = observedBatch(state);
  return batch ? [...recordsOf(view, state, batch).values()] : [];
}

export const overIn: Reason = ({ state }) =>
  state.ended && refuse('Ended', '', `The release was ${state.ended.how}.`);

/** A release that is over, or was rolled back, does not go on. */
export const endedIn: Reason = (context) =>
  overIn(context) ??
  (context.state.rolledBackAt === undefined
    ? undefined
    : refuse('Ended', '/rollback', 'The release was rolled back.'));

export const pausedIn: Reason = ({ state }) =>
  isPaused(state) ? refuse('Paused', '', 'The release is paused.') : undefined;

export const notPausedIn: Reason = ({ state }) =>
  isPaused(state) ? undefined : refuse('OutOfOrder', '', 'The release is not paused.');

/** A release goes on by the issue that it was begun with; another revision begins anew. */
export const begunByAnother: Reason = ({ view, state }) => {
  const { digest, revision } = view.issue;
  const other = state.batches.some(({ digest: of }) => of !== undefined && of !== digest);
  return other
    ? refuse('WrongRevision', '/revision', `The release was not begun with revision ${revision}.`)
    : undefined;
};

/** `!(<)`: an issue whose expiry cannot be read has expired. */
export const expiredIn: Reason = ({ view, now }) =>
  now < view.expiresAt
    ? undefined
    : refuse(
        'Expired',
        '/expires_at',
        Number.isNaN(now)
          ? 'The time is not known.'
          : `The issue expired at ${view.issue.expires_at}.`,
      );

/** `!(<)`: a freeze whose end cannot be read does not end. */
export const freezeIn = ({ state, now }: Context): State['freezes'][number] | undefined =>
  state.freezes.find(({ from, until }) => now >= from && !(now >= until));

export const frozenIn: Reason = (context) => {
  const { view, now } = context;
  if (!(now >= view.notBefore)) {
    const { created_at: made, not_before: begin } = view.issue;
    return begin === undefined
      ? refuse('Frozen', '/created_at', `The issue was made at ${made}.`)
      : refuse('Frozen', '/not_before', `It may not begin before ${begin}.`);
  }
  const freeze = freezeIn(context);
  if (!freeze) return undefined;
  const reason = freeze.reason === '' ? '' : `: ${freeze.reason}`;
  const left = durationText(freeze.until - now);
  return refuse('Frozen', '', `Releases are frozen for ${left} more${reason}.`);
};

export const unpromotedIn: Reason = ({ view, state }) => {
  const promoted = state.batches.filter(({ promotedAt }) => promotedAt !== undefined).length;
  const all = view.batches.length;
  return promoted === all
    ? undefined
    : refuse('OutOfOrder', BATCHES_POINTER, `${promoted} of ${all} batches are promoted.`);
};

export const noSuchBatch = (id: number): Refusal =>
  refuse('WrongBatch', BATCHES_POINTER, `The plan has no batch ${id}.`);

export const noSuchRule = (id: string): Refusal =>
  refuse('NoSuchRule', METRICS_POINTER, `The issue has no rule ${id}.`);
