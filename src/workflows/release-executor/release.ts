import type { ExecutionPhase, ExecutionReason } from '../../domain/execution/execution';
import { createGuard, type Action, type Event, type Next, type Verdict } from '../../guard/guard';
import { addEvent } from '../../guard/state';
import { withoutSamples } from '../../guard/without-samples';
import type { ExecutableIssue } from '../../steps/execution/executable-issue';
import { noted, type ReleaseRecord } from '../../steps/execution/release-record';
import { recordedTime } from './recorded-time';

/** What a release is asked to do, without the fields that all actions share. */
export type Wish = Action extends infer One
  ? One extends Action
    ? Omit<One, 'digest'>
    : never
  : never;

export type Release = ReturnType<typeof createRelease>;

/** A release under way: its record, and the guard that every action passes before it happens. */
export function createRelease(record: ReleaseRecord, issue: ExecutableIssue, began: number) {
  const guard = createGuard(issue);
  /** Grows with each message, so that whoever waits looks again. */
  let messages = 0;
  let clock = began;
  const now = (): number => clock;
  const isoNow = (): string => new Date(clock).toISOString();
  const withDigest = (wish: Wish): Action => ({ ...wish, digest: issue.digest });
  const add = (event: Event): void => {
    addEvent(record.state, event);
    record.state = withoutSamples(issue, record.state);
  };
  return {
    /** People are being told; the end of the workflow waits for it. */
    telling: Promise.resolve<void>(undefined),
    issue,
    record,
    check: (wish: Wish, at = now()): Verdict => guard.check(record.state, withDigest(wish), at),
    next: (): Next => guard.next(record.state, now()),
    withDigest,
    add,
    /** When the release last looked at the clock; it does not go back. */
    ...{ now, isoNow },
    /** Looks at the clock: wherever something was waited for, before the time is used. */
    tick: async (): Promise<number> => {
      const at = await recordedTime();
      return (clock = Math.max(clock, at));
    },
    /** An update is run by a workflow task only, whose time is the same on each replay. */
    updatedAt: (at: number): void => void (clock = Math.max(clock, at)),
    /** Records an action that happens in the issue alone, if the guard allows it. */
    act(wish: Wish, text: string, by?: string): Verdict {
      const action = withDigest(wish);
      const verdict = guard.check(record.state, action, now());
      if (verdict.allowed) {
        const at = isoNow();
        add({ ...action, at, ...(by !== undefined && { by }) });
        noted(record, { at, type: wish.type, text, ...(by !== undefined && { by }) });
      }
      return verdict;
    },
    note: (type: string, text: string): void => noted(record, { at: isoNow(), type, text }),
    enter(phase: ExecutionPhase, reason?: ExecutionReason): void {
      record.phase = phase;
      record.reason = reason;
    },
    heard: (): void => void (messages += 1),
    messages: (): number => messages,
    isAborted: (): boolean => record.state.ended?.how === 'aborted',
  };
}
