import type {
  ExecutionEvent,
  ExecutionPhase,
  ExecutionReason,
  HostProgress,
  RuleReading,
} from '../../domain/execution/execution';
import type { Outcome } from '../../domain/records/outcome';
import { stateOf, type State } from '../../guard/guard';
import { batchesOf, ranBefore, type ExecutableIssue } from './executable-issue';
import type { Compared } from './comparison/sequential-comparison';
import { emptyTally, type Tally } from './tally';

/** All that is known of a release; plain data of bounded size, which goes from one run to the next. */
export type ReleaseRecord = {
  issue: ExecutableIssue;
  state: State;
  phase: ExecutionPhase;
  reason?: ExecutionReason;
  startedAt: string;
  hosts: Record<string, HostProgress>;
  readings: Record<string, RuleReading>;
  tallies: Record<string, Tally>;
  batches: Outcome['batches'];
  actions: Outcome['actions'];
  events: ExecutionEvent[];
  /** How often each kind of action was begun: the attempt is part of its key. */
  attempts: Record<string, number>;
  aborted?: { by: string; reason: string; rollback: boolean };
  /** Why a person paused it. */
  pausedBy?: ExecutionReason;
  /** A person asked for a failed rollback to be tried again, or left it. */
  decided?: 'retry' | 'leave';
  /** The breach that was found last. */
  breach?: ExecutionReason;
  rollbackReason?: ExecutionReason;
  /** When hosts were read last while observing; whether some were not healthy then. */
  fleetSeenAt?: number;
  sick?: boolean;
  /** What comparisons with other hosts have come to, by rule. */
  compared?: Record<string, Compared>;
  /** What people were told last. */
  told?: string;
  /** The phase that search attributes show. */
  shown?: ExecutionPhase;
  /** Hosts that a rollback did not reach. */
  left?: string[];
  /** Rules that were broken, by the risks whose answer was tried. */
  answered: { risk?: string; action: string; rule_id: string; succeeded: boolean }[];
};

const MAX_EVENTS = 200;
const MAX_ACTIONS = 500;

export function newRecord(issue: ExecutableIssue, at: string): ReleaseRecord {
  const targets = ranBefore(issue);
  const hosts: Record<string, HostProgress> = {};
  for (const batch of batchesOf(issue))
    for (const { host_id: id } of batch.hosts)
      hosts[id] = { from: targets.get(id) ?? null, to: issue.candidate, state: 'waiting' };
  return {
    issue,
    state: stateOf([]),
    phase: 'waiting_approval',
    startedAt: at,
    hosts,
    readings: {},
    tallies: {},
    batches: [],
    actions: [],
    events: [],
    attempts: {},
    answered: [],
  };
}

export function noted({ events }: ReleaseRecord, event: ExecutionEvent): void {
  events.push(event);
  if (events.length > MAX_EVENTS) events.splice(0, events.length - MAX_EVENTS);
}

export function actionNoted({ actions }: ReleaseRecord, action: Outcome['actions'][number]): void {
  actions.push(action);
  if (actions.length > MAX_ACTIONS) actions.splice(1, 1);
}

/** The number of this attempt, from 1. */
export function nextAttempt({ attempts }: ReleaseRecord, kind: string): number {
  const attempt = (attempts[kind] ?? 0) + 1;
  attempts[kind] = attempt;
  return attempt;
}

export function setHosts(
  { hosts }: ReleaseRecord,
  ids: readonly string[],
  state: HostProgress['state'],
): void {
  for (const id of ids) {
    const host = hosts[id];
    if (host !== undefined) host.state = state;
  }
}

export const tallyOf = ({ tallies }: ReleaseRecord, ruleId: string): Tally =>
  (tallies[ruleId] ??= emptyTally());
