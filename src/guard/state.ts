import { readAction, type Action, type Sample } from './action';
import type { RuleFindings } from './finding';
import { millisecondsOf } from './time';

/** What has happened in a release: an allowed action (or a refused judge) with its time, an approval, a freeze. */
export type Event = { at: string; ended_at?: string } & (
  | Action
  | { type: 'approve'; by: string; digest: string }
  | { type: 'freeze'; until: string; reason?: string }
);

export type Judgement = {
  rule_id: string;
  at: number;
  samples: readonly Sample[];
  /** Of the issue that it was made for; a revision does not inherit the judgements of another. */
  digest?: string;
  /** The level in force at that time, where it was tightened during the release. */
  limit?: Limit;
};
export type Limit = { threshold: number; for?: string };
export type Repair = { action: string; risk?: string; at: number };
export type BatchState = {
  batch_id: number;
  hosts: readonly string[];
  digest?: string;
  /** When the deploy ended, milliseconds. */
  deployedAt: number;
  promotedAt?: number;
  judgements: Judgement[];
  repairs: Repair[];
  /** What earlier judgements came to, where their samples were dropped (`withoutSamples`). */
  judged?: Judged;
};
/** The records of a batch's rules, after so many repairs of the batch and pauses of the release. */
export type Judged = {
  records: Record<string, RuleFindings>;
  repairs: number;
  continues: number;
};

/** A release as far as it went, folded from its events; plain data. Times are milliseconds since 1970. */
export type State = {
  batches: BatchState[];
  approvals: { by: string; digest: string; at: number }[];
  freezes: { from: number; until: number; reason: string }[];
  /** Pauses of the release; the last one may be open. */
  pauses: { from: number; to?: number }[];
  limits: Record<string, Limit>;
  /** Hosts that run the candidate by a deploy of this release. */
  released: string[];
  rolledBack: string[];
  /** When the first rollback of the release was done. */
  rolledBackAt?: number;
  ended?: { how: 'aborted' | 'finished'; at: number };
};

/**
 * Folds events, in their order, into a state. Throws a TypeError that names the first event that cannot be read:
 * a release of which something is unknown must not go on.
 */
export function stateOf(events: readonly unknown[]): State {
  const state: State = {
    batches: [],
    approvals: [],
    freezes: [],
    pauses: [],
    limits: Object.create(null) as Record<string, Limit>,
    released: [],
    rolledBack: [],
  };
  events.forEach((event, index) => apply(state, readEvent(event, index)));
  return state;
}

/** Adds one event to a state. Throws as `stateOf` does. */
export const addEvent = (state: State, event: Event): void => apply(state, readEvent(event, 0));

export const isPaused = ({ pauses }: State): boolean => pauses.some(({ to }) => to === undefined);

function readEvent(input: unknown, index: number): Event {
  const event = (input ?? {}) as Event & Partial<Record<'by' | 'digest' | 'until', unknown>>;
  const wrong = ['at', 'ended_at', 'until'].find((field) => {
    const time = (event as unknown as Record<string, unknown>)[field];
    const needed = field === 'at' || (field === 'until' && event.type === 'freeze');
    return (needed || time !== undefined) && Number.isNaN(millisecondsOf(time));
  });
  let fault = wrong === undefined ? undefined : `${wrong} is not an RFC 3339 time`;
  if (event.type === 'approve') {
    if (typeof event.by !== 'string' || typeof event.digest !== 'string')
      fault ??= 'an approval needs by and digest';
  } else if (event.type !== 'freeze') {
    const action = readAction(input);
    if (typeof action === 'string') fault ??= action;
  }
  if (fault !== undefined) throw new TypeError(`event ${index} of the state: ${fault}`);
  return event;
}

function apply(state: State, event: Event): void {
  const at = millisecondsOf(event.at);
  // Never before it began: clocks differ, and an observation must not begin early.
  const endedAt = Math.max(at, event.ended_at === undefined ? at : millisecondsOf(event.ended_at));
  switch (event.type) {
    case 'approve':
      state.approvals.push({ by: event.by, digest: event.digest, at });
      return;
    case 'freeze':
      state.freezes.push({
        from: at,
        until: millisecondsOf(event.until),
        reason: event.reason ?? '',
      });
      return;
    case 'deploy': {
      const known = state.batches.find(({ batch_id }) => batch_id === event.batch_id);
      // Recorded when it began, and once more when it ended: hosts may have to be rolled back between the two.
      if (known) known.deployedAt = endedAt;
      else {
        state.batches.push({
          batch_id: event.batch_id,
          hosts: [...event.host_ids],
          digest: event.digest,
          deployedAt: endedAt,
          judgements: [],
          repairs: [],
        });
        state.released.push(...event.host_ids);
      }
      return;
    }
    case 'promote':
      batchIn(state, event.batch_id, (batch) => (batch.promotedAt = at));
      return;
    case 'judge': {
      const limit = state.limits[event.rule_id];
      batchIn(state, event.batch_id, ({ judgements }) =>
        judgements.push({
          rule_id: event.rule_id,
          at,
          samples: event.samples,
          digest: event.digest,
          limit,
        }),
      );
      return;
    }
    case 'mitigate':
      state.batches.at(-1)?.repairs.push({ action: event.action, risk: event.risk, at: endedAt });
      return;
    case 'rollback': {
      const gone = new Set(event.host_ids);
      state.released = state.released.filter((host) => !gone.has(host));
      state.rolledBack.push(...event.host_ids);
      state.rolledBackAt ??= endedAt;
      return;
    }
    case 'set_threshold':
      state.limits[event.rule_id] = {
        threshold: event.threshold,
        for: event.for ?? state.limits[event.rule_id]?.for,
      };
      return;
    case 'pause':
      if (!isPaused(state)) state.pauses.push({ from: at });
      return;
    case 'continue': {
      const last = state.pauses.at(-1);
      // Never before it began: a clock that went back shortens no observation.
      if (last) last.to ??= Math.max(at, last.from);
      return;
    }
    case 'abort':
    case 'finish':
      state.ended ??= { how: event.type === 'abort' ? 'aborted' : 'finished', at };
      return;
  }
}

const batchIn = (state: State, id: number, change: (batch: BatchState) => void): void => {
  const batch = state.batches.find(({ batch_id }) => batch_id === id);
  if (batch) change(batch);
};
