import {
  defineQuery,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { QUERY, SEARCH_ATTRIBUTE, type StepName } from '../domain/names';
import type { Issue } from '../domain/issue';
import type { Delivered, Phase, Progress, StepState, Waiting } from '../domain/progress';
import { renderProgress } from '../steps/run/progress-details';
import { rememberIssue } from './issue-memo';
import { countOutcome } from './outcome-metric';
import { advice, endOf } from './run-end';

const ATTRIBUTE = {
  service: defineSearchAttributeKey(SEARCH_ATTRIBUTE.service, 'KEYWORD'),
  version: defineSearchAttributeKey(SEARCH_ATTRIBUTE.version, 'KEYWORD'),
  phase: defineSearchAttributeKey(SEARCH_ATTRIBUTE.phase, 'KEYWORD'),
  outcome: defineSearchAttributeKey(SEARCH_ATTRIBUTE.outcome, 'KEYWORD'),
};

const progressQuery = defineQuery<Progress>(QUERY.progress);

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
    // A flow that runs again passes through its current phase.
    if (phase === entered && outcome === undefined) return;
    entered = progress.phase = phase;
    upsertSearchAttributes([
      { key: ATTRIBUTE.phase, value: phase },
      ...(outcome === undefined ? [] : [{ key: ATTRIBUTE.outcome, value: outcome }]),
    ]);
    show();
  };
  let phaseBefore: Phase = progress.phase;
  const steps = trackSteps(progress, show);

  return {
    enter,
    ...steps,
    /** Says what is released, once the input is known to be good. */
    describe(service: string, version: string) {
      title = `Release Preparation - ${service} ${version}`;
      upsertSearchAttributes([
        { key: ATTRIBUTE.service, value: service },
        { key: ATTRIBUTE.version, value: version },
      ]);
      show();
    },
    phase: () => progress.phase,
    delivered: (delivered: Delivered) => void (progress.delivered = delivered),
    /** Parked: the details show what failed, why, and what to do. */
    wait(waiting: Waiting) {
      phaseBefore = progress.phase;
      progress.waiting = waiting;
      enter('waiting', waiting.failed[0]?.type);
      show({
        todo: [
          ...advice('when the cause is fixed', 'retry'),
          ...advice('to cancel and free the claim', 'cancel'),
        ],
      });
    },
    /** No longer parked. */
    goOn() {
      delete progress.waiting;
      enter(phaseBefore, null);
    },
    finish(phase: Phase, issue: Issue) {
      const outcome = issue.warnings.length > 0 ? 'warning' : 'success';
      enter(phase, outcome);
      countOutcome(outcome);
      rememberIssue(issue, progress.delivered);
      show({ issue });
    },
    fail(failure: unknown) {
      // A run that was cancelled while it waited no longer waits.
      delete progress.waiting;
      const { phase, outcome, why, todo } = endOf(failure);
      enter(phase, outcome);
      countOutcome(outcome);
      show({ failure: why, todo });
      log.warn('the preparation ended without an issue', { phase });
    },
  };
}

/** Keeps the state of each step; `show` is called after each change. */
function trackSteps({ steps }: Pick<Progress, 'steps'>, show: () => void) {
  const start = (name: StepName) => {
    const { attempt } = steps[name];
    steps[name] = { state: 'running', attempt: attempt + 1, started_at: isoNow() };
    show();
  };
  const end = (name: StepName, state: StepState, summary: string) => {
    steps[name] = { ...steps[name], state, summary, finished_at: isoNow() };
    show();
  };
  return {
    start,
    end,
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
  };
}

/** The isolate's clock is the history's: the same on each replay. */
const isoNow = (): string => new Date().toISOString();
