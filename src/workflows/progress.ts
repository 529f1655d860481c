import {
  ApplicationFailure,
  defineQuery,
  isCancellation,
  log,
  patched,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  FAILURE,
  MEMO,
  QUERY,
  REFUSALS,
  releaseOf,
  SEARCH_ATTRIBUTE,
  type StepName,
} from '../domain/names';
import type { Issue } from '../domain/issue';
import type { Delivered, Phase, Progress, StepState, Waiting } from '../domain/progress';
import { commandLine } from '../steps/run/command-line';
import { renderProgress, type Advice } from '../steps/run/progress-details';
import { countOutcome } from './outcome-metric';

const ATTRIBUTE = {
  service: defineSearchAttributeKey(SEARCH_ATTRIBUTE.service, 'KEYWORD'),
  version: defineSearchAttributeKey(SEARCH_ATTRIBUTE.version, 'KEYWORD'),
  phase: defineSearchAttributeKey(SEARCH_ATTRIBUTE.phase, 'KEYWORD'),
  outcome: defineSearchAttributeKey(SEARCH_ATTRIBUTE.outcome, 'KEYWORD'),
};

const progressQuery = defineQuery<Progress>(QUERY.progress);

const ENDS_AS_REFUSED: ReadonlySet<string | null | undefined> = new Set([
  ...REFUSALS,
  FAILURE.invalidInput,
]);

export type ProgressTracker = ReturnType<typeof createProgress>;

/** Keeps the query `progress`, the search attributes and the Web UI's current details in step with the run. */
export function createProgress() {
  const progress: Progress = {
    phase: 'verifying',
    steps: {
      VersionCheck: { state: 'pending', attempt: 0 },
      RiskPrediction: { state: 'pending', attempt: 0 },
      MetricAnalysis: { state: 'pending', attempt: 0 },
      ReleasePlan: { state: 'pending', attempt: 0 },
    },
  };
  let title = 'Release Preparation';
  setHandler(progressQuery, () => progress, { description: 'phase, and the state of each step' });
  const show = (end?: Parameters<typeof renderProgress>[2]) =>
    setCurrentDetails(renderProgress(title, progress, end));

  let entered: Phase | undefined;
  const enter = (phase: Phase, outcome?: string | null) => {
    // A flow that is walked again passes the phase that it stands in.
    if (phase === entered && outcome === undefined) return;
    entered = progress.phase = phase;
    upsertSearchAttributes([
      { key: ATTRIBUTE.phase, value: phase },
      ...(outcome === undefined ? [] : [{ key: ATTRIBUTE.outcome, value: outcome }]),
    ]);
    show();
  };
  let phaseBefore: Phase = progress.phase;
  const start = (name: StepName) => {
    const step = progress.steps[name];
    progress.steps[name] = { state: 'running', attempt: step.attempt + 1, started_at: isoNow() };
    show();
  };
  const end = (name: StepName, state: StepState, summary: string) => {
    progress.steps[name] = { ...progress.steps[name], state, summary, finished_at: isoNow() };
    show();
  };

  return {
    enter,
    start,
    end,
    /** Says what is released, once the input is known to be good. */
    describe(service: string, version: string) {
      title = `Release Preparation - ${service} ${version}`;
      upsertSearchAttributes([
        { key: ATTRIBUTE.service, value: service },
        { key: ATTRIBUTE.version, value: version },
      ]);
      show();
    },
    /** Runs a step and keeps its state. */
    async during<Outcome extends { result: { summary: string } }>(
      name: StepName,
      body: () => Promise<Outcome>,
    ): Promise<Outcome> {
      start(name);
      try {
        const outcome = await body();
        end(name, 'done', outcome.result.summary);
        return outcome;
      } catch (error) {
        end(name, 'failed', error instanceof Error ? error.message : String(error));
        throw error;
      }
    },
    phase: () => progress.phase,
    delivered: (delivered: Delivered) => void (progress.delivered = delivered),
    /** Parked: the details say what failed, why, and what to do. */
    wait(waiting: Waiting) {
      phaseBefore = progress.phase;
      progress.waiting = waiting;
      enter('waiting', waiting.failed[0]?.type);
      show({
        todo: [
          ...advice('when the cause is mended', 'retry'),
          ...advice('to give up, and free the claim', 'cancel'),
        ],
      });
    },
    /** No more parked, whatever comes next. */
    goOn() {
      delete progress.waiting;
      enter(phaseBefore, null);
    },
    finish(phase: Phase, issue: Issue) {
      const outcome = issue.warnings.length > 0 ? 'warning' : 'success';
      enter(phase, outcome);
      countOutcome(outcome);
      if (patched(MEMO_PATCH)) upsertMemo(memoOf(issue, progress.delivered));
      show({ issue });
    },
    fail(failure: unknown) {
      // Cancelled while it was parked: what has ended waits for nobody.
      delete progress.waiting;
      const phase = phaseOf(failure);
      const outcome = failure instanceof ApplicationFailure ? (failure.type ?? phase) : phase;
      enter(phase, outcome);
      countOutcome(outcome);
      const why = failure instanceof Error ? failure.message : String(failure);
      const again = AGAIN[phase] ?? 'when the cause is mended';
      show({ failure: why, todo: isInputFault(failure) ? [] : advice(again, 'resume') });
      log.warn('the preparation ended without an issue', { phase });
    },
  };
}

/** Runs that ended before 0.2.0 have no such memo. */
const MEMO_PATCH = 'memo-of-the-issue';
/** A memo is listed with each run; the issue has all concerns. */
const MAX_MEMO_CONCERNS = 10;

function memoOf({ issue_id: id, verdict }: Issue, delivered: Delivered | undefined) {
  return {
    [MEMO.issueId]: id,
    [MEMO.deliveredTo]: delivered?.to ?? null,
    ...(verdict !== undefined && {
      [MEMO.verdict]: { ...verdict, concerns: verdict.concerns.slice(0, MAX_MEMO_CONCERNS) },
    }),
  };
}

const AGAIN: Partial<Record<Phase, string>> = {
  refused: 'to look once more',
  cancelled: 'to go on after all',
};

/** Nothing is mended by asking with the same input. */
const isInputFault = (failure: unknown): boolean =>
  failure instanceof ApplicationFailure && failure.type === FAILURE.invalidInput;

/** The commands know a release by the workflow id that the contract fixes. */
function advice(when: string, command: 'retry' | 'cancel' | 'resume'): Advice[] {
  const release = releaseOf(workflowInfo().workflowId);
  return release === null ? [] : [{ when, command: commandLine(command, release) }];
}

function phaseOf(failure: unknown): Phase {
  if (isCancellation(failure)) return 'cancelled';
  return failure instanceof ApplicationFailure && ENDS_AS_REFUSED.has(failure.type)
    ? 'refused'
    : 'failed';
}

/** The isolate's clock is the history's: the same on each replay. */
const isoNow = (): string => new Date().toISOString();
