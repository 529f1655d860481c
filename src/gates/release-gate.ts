import pLimit from 'p-limit';
import type { IssueStore } from '../adapters/issue-store/issue-store';
import type { Prometheus } from '../adapters/prometheus/prometheus';
import type { Issue } from '../domain/issue';
import { createGuard, stateOf, type Action, type Event, type Guard } from '../guard/guard';
import { refuse, type Refusal, type Verdict } from '../guard/verdict';
import { GOES_ON, type GateCall } from './gate-call';
import { judgeRules } from './judge-rules';
import { approvalEvents } from './recorded-events';
import { replaced } from './newest-revision';
import { otherCaller, type Caller } from './release-caller';

export type GateDeps = {
  store: Pick<IssueStore, 'gateEvents' | 'appendGateEvent' | 'approvals' | 'outcome' | 'latest'>;
  /** Without it no rule can be judged, and no batch after the first begins. */
  prometheus?: Pick<Prometheus, 'queryRange'>;
  onFault: (reason: string) => void;
};

/** What the gate knows of a release at one moment. */
type Moment = {
  issue: Issue;
  guard: Guard;
  events: unknown[];
  given: Event[];
  now: number;
  caller?: Caller;
};
/** `isGone`: the caller does not wait for the answer any more; then nothing may happen by it. */
export type Asking = { caller?: Caller; isGone?: () => boolean };
type Asked = Asking & { now: number };
/** A verdict, and what happened by it. */
type Decision = { verdict: Verdict; events: Event[] };

const TRIES = 5;
const only = (verdict: Verdict): Decision => ({ verdict, events: [] });
const allowed = (...events: Event[]): Decision => ({ verdict: { allowed: true }, events });

/**
 * The gate of releases that others carry out. It keeps their state beside the issue: written before a call is answered,
 * so that a restart goes on where it was. Calls for one issue are answered one after the other; those of another
 * process are seen by the number of the event.
 */
export function createReleaseGate(deps: GateDeps) {
  const queues = new Map<string, ReturnType<typeof pLimit>>();
  const decide = async (
    issue: Issue,
    call: GateCall,
    { now, caller, isGone }: Asked,
  ): Promise<Verdict> => {
    // Another executor carried it out: what is over does not begin again.
    const goesOn = GOES_ON.includes(call.ask);
    const outcome = goesOn ? await deps.store.outcome(issue.issue_id) : null;
    if (outcome !== null)
      return refuse('Ended', '', `The release was reported as ${outcome.result}.`);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const moment: Moment = {
        ...{ issue, guard: createGuard(issue), now, ...(caller && { caller }) },
        events: await deps.store.gateEvents(issue.issue_id),
        given: await approvalEvents(deps.store, issue.issue_id, deps.onFault),
      };
      const refusal =
        otherCaller(moment.events, caller, goesOn) ??
        (goesOn && moment.events.length === 0 ? await replaced(deps.store, issue) : undefined);
      if (refusal !== undefined) return refusal;
      const { verdict, events } = await decisionOf(deps, moment, call);
      if (isGone?.()) return refuse('OutOfOrder', '', 'The caller did not wait for the answer.');
      if (await write(deps, moment, events)) return verdict;
    }
    return refuse('OutOfOrder', '', 'Other calls change this release at the same time; ask again.');
  };
  return {
    async ask(
      issue: Issue,
      call: GateCall,
      now = Date.now(),
      asking: Asking = {},
    ): Promise<Verdict> {
      const queue = queues.get(issue.issue_id) ?? pLimit(1);
      queues.set(issue.issue_id, queue);
      try {
        return await queue(() => decide(issue, call, { ...asking, now }));
      } finally {
        if (queue.activeCount + queue.pendingCount === 0) queues.delete(issue.issue_id);
      }
    },
  };
}
export type ReleaseGate = ReturnType<typeof createReleaseGate>;

/** False when another process was faster, so that the decision rests on an old state. */
async function write(deps: GateDeps, moment: Moment, events: readonly Event[]): Promise<boolean> {
  const { issue, events: before } = moment;
  for (const [at, event] of events.entries())
    if (!(await deps.store.appendGateEvent(issue.issue_id, before.length + at, event)))
      return false;
  return true;
}

const stateIn = ({ events, given }: Moment, more: readonly Event[] = []) =>
  stateOf([...events, ...given, ...more]);
const check = (moment: Moment, action: Action, more: readonly Event[] = []): Verdict =>
  moment.guard.check(stateIn(moment, more), action, moment.now);
const eventOf = ({ now }: Moment, action: Action): Event => ({
  ...action,
  at: new Date(now).toISOString(),
});

async function decisionOf(deps: GateDeps, moment: Moment, call: GateCall): Promise<Decision> {
  const { digest } = moment.issue;
  switch (call.ask) {
    case 'advance':
      return advance(deps, moment, call);
    case 'healthy':
      return only(await healthOf(deps, moment, call.ruleId));
    case 'open':
      return only(openness(moment));
    case 'rollback':
      return only(await rollbackWanted(deps, moment));
    case 'ended': {
      // Until its first batch Flagger shows the phase of the release before.
      if (stateIn(moment).batches.length === 0) return allowed();
      const action: Action = { type: call.how, digest };
      const verdict = check(moment, action);
      return verdict.allowed ? allowed(eventOf(moment, action)) : only(verdict);
    }
  }
}

const batchesOf = ({ issue }: Moment) => issue.steps[2].details.gray_strategy.batches;
const deployOf = (moment: Moment, batchId: number): Action => ({
  type: 'deploy',
  batch_id: batchId,
  host_ids:
    batchesOf(moment)
      .find(({ batch_id: id }) => id === batchId)
      ?.hosts.map(({ host_id: id }) => id) ?? [],
  version: moment.issue.candidate,
  digest: moment.issue.digest,
});

async function advance(
  deps: GateDeps,
  moment: Moment,
  { batchId, last }: Extract<GateCall, { ask: 'advance' }>,
): Promise<Decision> {
  const { digest } = moment.issue;
  const batches = batchesOf(moment);
  const state = stateIn(moment);
  const current = state.batches[state.batches.length - 1];
  if (current === undefined) {
    const first = batchId ?? batches[0]?.batch_id ?? 0;
    if (last === true && batches.length > 1) return only(notLast(0, batches.length));
    return begin(moment, first);
  }
  const ends = current.batch_id === batches[batches.length - 1]?.batch_id;
  // Asked again for the batch that runs, or for a release that was finished with it.
  if (batchId === current.batch_id)
    return only(
      current.promotedAt === undefined ? await healthOf(deps, moment) : { allowed: true },
    );
  if (batchId !== undefined && state.batches.some(({ batch_id: id }) => id === batchId))
    return only(check(moment, deployOf(moment, batchId)));
  const before: Event[] = [];
  if (current.promotedAt === undefined) {
    const judged = await judgementsOf(deps, moment);
    const promote: Action = { type: 'promote', batch_id: current.batch_id, digest };
    const verdict = check(moment, promote, judged);
    if (!verdict.allowed) return only(verdict);
    before.push(eventOf(moment, promote));
  }
  if (ends) {
    if (batchId !== undefined) return only(check(moment, deployOf(moment, batchId), before));
    const finish: Action = { type: 'finish', digest };
    const verdict = check(moment, finish, before);
    return verdict.allowed ? allowed(...before, eventOf(moment, finish)) : only(verdict);
  }
  const next = batches[state.batches.length];
  if (last === true && state.batches.length + 1 < batches.length)
    return only(notLast(state.batches.length, batches.length));
  return begin(moment, batchId ?? next?.batch_id ?? 0, before);
}

const notLast = (done: number, all: number): Refusal =>
  refuse(
    'OutOfOrder',
    '/steps/2/details/gray_strategy/batches',
    `${done} of ${all} batches were begun; the promotion is for the last one.`,
  );

function begin(moment: Moment, batchId: number, before: readonly Event[] = []): Decision {
  const deploy = deployOf(moment, batchId);
  const verdict = check(moment, deploy, before);
  const event = { ...eventOf(moment, deploy), ...moment.caller };
  return verdict.allowed ? allowed(...before, event) : only(verdict);
}

const judgementsOf = (deps: GateDeps, moment: Moment, ruleIds?: readonly string[]) =>
  deps.prometheus === undefined
    ? Promise.resolve([])
    : judgeRules(deps.prometheus, moment.issue, {
        ...{ state: stateIn(moment), now: moment.now },
        ...(ruleIds !== undefined && { ruleIds }),
      });

/** Whether the release is open and nothing is broken so far; what has no data yet is not broken. */
async function healthOf(deps: GateDeps, moment: Moment, ruleId?: string): Promise<Verdict> {
  const open = openness(moment);
  if (!open.allowed) return open;
  if (ruleId !== undefined && deps.prometheus === undefined)
    return refuse('NotJudged', '/steps/1/details/metrics', 'The gate has no Prometheus to ask.');
  const judgements = await judgementsOf(deps, moment, ruleId === undefined ? undefined : [ruleId]);
  if (ruleId !== undefined && judgements.length === 0)
    return refuse('NoSuchRule', '/steps/1/details/metrics', 'No batch is observed by this rule.');
  for (const judgement of judgements) {
    const verdict = check(moment, judgement);
    if (!verdict.allowed && (ruleId !== undefined || verdict.code !== 'NoData')) return verdict;
  }
  return { allowed: true };
}

/** Whether the release may begin or go on at this moment, by everything but its rules. */
function openness(moment: Moment): Verdict {
  const state = stateIn(moment);
  const { digest } = moment.issue;
  const current = state.batches[state.batches.length - 1];
  if (current === undefined)
    return check(moment, deployOf(moment, batchesOf(moment)[0]?.batch_id ?? 0));
  // A pause is allowed to whatever is not over; a promotion is refused first for what closes the release.
  const pause = check(moment, { type: 'pause', digest });
  if (!pause.allowed) return pause;
  const promote = check(moment, { type: 'promote', batch_id: current.batch_id, digest });
  return !promote.allowed && CLOSED.includes(promote.code) ? promote : { allowed: true };
}
const CLOSED: readonly Refusal['code'][] = ['WrongRevision', 'Ended', 'Expired', 'Paused'];

/** Allowed when a rule is broken and the issue answers with a rollback, or the release was aborted. */
async function rollbackWanted(deps: GateDeps, moment: Moment): Promise<Verdict> {
  const state = stateIn(moment);
  const nothing = refuse('NothingToRollBack', '/rollback', 'No rule asks for a rollback.');
  if (state.released.length === 0) return nothing;
  if (state.ended?.how === 'aborted') return { allowed: true };
  const judged = await judgementsOf(deps, moment);
  const next = moment.guard.next(stateIn(moment, judged), moment.now);
  return next.do === 'answer' && next.answer.action === 'rollback' ? { allowed: true } : nothing;
}
