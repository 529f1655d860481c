import {
  ApplicationFailure,
  defineQuery,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { FAILURE, QUERY, REFUSALS, SEARCH_ATTRIBUTE, type StepName } from '../domain/names';
import type { Issue } from '../domain/issue';
import type { Phase, Progress, StepState } from '../domain/progress';
import { renderProgress } from '../steps/progress-details';

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

  const enter = (phase: Phase, outcome?: string) => {
    progress.phase = phase;
    upsertSearchAttributes([
      { key: ATTRIBUTE.phase, value: phase },
      ...(outcome === undefined ? [] : [{ key: ATTRIBUTE.outcome, value: outcome }]),
    ]);
    show();
  };
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
    finish(phase: Phase, issue: Issue) {
      enter(phase, issue.warnings.length > 0 ? 'warning' : 'success');
      show({ issue });
    },
    fail(failure: unknown) {
      const phase = phaseOf(failure);
      enter(phase, failure instanceof ApplicationFailure ? (failure.type ?? phase) : phase);
      show({ failure: failure instanceof Error ? failure.message : String(failure) });
      log.warn('the preparation ended without an issue', { phase });
    },
  };
}

function phaseOf(failure: unknown): Phase {
  if (isCancellation(failure)) return 'cancelled';
  return failure instanceof ApplicationFailure && ENDS_AS_REFUSED.has(failure.type)
    ? 'refused'
    : 'failed';
}

/** The isolate's clock is the history's: the same on each replay. */
const isoNow = (): string => new Date().toISOString();
