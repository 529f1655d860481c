import { recordsOf, type RuleRecord } from './breaches';
import { BATCHES_POINTER, METRICS_POINTER, type IssueView } from './issue-view';
import { isPaused, type BatchState, type State } from './state';
import { refuse, type Refusal } from './verdict';

/** What each check gets: the issue, how far the release is, and the time in milliseconds. */
export type Context = { view: IssueView; state: State; now: number };

/** The batch that was deployed last. */
export const currentBatch = ({ batches }: State): BatchState | undefined =>
  batches[batches.length - 1];

/** The records of the rules in the current batch; none before the first deploy. */
export function currentRecords({ view, state }: Context): Map<string, RuleRecord> {
  const batch = currentBatch(state);
  return batch === undefined || batch.promotedAt !== undefined
    ? new Map<string, RuleRecord>()
    : recordsOf(view, state, batch);
}

export const overIn = ({ state }: Context): Refusal | undefined =>
  state.ended && refuse('Ended', '', `The release was ${state.ended.how}.`);

/** A release that is over, or was rolled back, does not go on. */
export const endedIn = (context: Context): Refusal | undefined =>
  overIn(context) ??
  (context.state.rolledBackAt === undefined
    ? undefined
    : refuse('Ended', '/rollback', 'The release was rolled back.'));

export const pausedIn = ({ state }: Context): Refusal | undefined =>
  isPaused(state) ? refuse('Paused', '', 'The release is paused.') : undefined;

/** A release goes on by the issue that it was begun with; another revision begins anew. */
export function begunByAnother({ view, state }: Context): Refusal | undefined {
  const { digest, revision } = view.issue;
  const other = state.batches.some(({ digest: of }) => of !== undefined && of !== digest);
  return other
    ? refuse('WrongRevision', '/revision', `The release was not begun with revision ${revision}.`)
    : undefined;
}

/** `!(<)`: an issue whose expiry cannot be read has expired. */
export const expiredIn = ({ view, now }: Context): Refusal | undefined =>
  !(now < view.expiresAt)
    ? refuse('Expired', '/expires_at', `The issue expired at ${view.issue.expires_at}.`)
    : undefined;

/** The first of the refusals, in their order. */
export const firstOf = (
  context: Context,
  ...checks: ((context: Context) => Refusal | undefined)[]
): Refusal | undefined => {
  for (const check of checks) {
    const refusal = check(context);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

export const noSuchBatch = (id: number): Refusal =>
  refuse('WrongBatch', BATCHES_POINTER, `The plan has no batch ${id}.`);

export const noSuchRule = (id: string): Refusal =>
  refuse('NoSuchRule', METRICS_POINTER, `The issue has no rule ${id}.`);
