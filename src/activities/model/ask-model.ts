import type { z } from 'zod';
import type { Model, ModelReply } from '../../adapters/model/model-request';
import type { ModelFault } from '../../domain/model-fault';
import { WARNING, type StepName } from '../../domain/names';
import type { Reasoning, Warning } from '../../domain/step-result';
import { MAX_RUN_TOKENS, shareOf } from '../../steps/prompt/token-budget';
import { promptFacts } from '../../steps/prompt/prompt-facts';
import { currentAttempt } from '../runtime/activity-attempt';
import type { Deps } from '../runtime/activity-deps';
import { cancellationSignal, heartbeat } from '../runtime/heartbeat';
import { newSession, reasoningOf, type Outcome, type Session } from './model-session';
import { waitOrGiveUp } from './model-wait';

export type AskRequest<Schema extends z.ZodType> = {
  name: string;
  schema: Schema;
  /** A prompt of src/prompts, spread: its static text and its version. */
  system: string;
  version: string;
  facts: unknown;
  /**
   * Whether a proposal names anything that was offered. Unknown ids amid known ones are dropped by the step that takes
   * the proposal; one of nothing but unknown ids is a bad answer.
   */
  usable?: (value: z.infer<Schema>) => boolean;
};

/** After the first answer, so many corrections are asked for. */
const MAX_REPAIRS = 2;
/** All answers, corrections and short waits of one question. */
const MAX_ASKING_MS = 75_000;
/** Asking again in words does not change these. */
const FINAL_FAULTS: ReadonlySet<ModelFault> = new Set(['refusal', 'content_filter', 'budget']);

/**
 * The model's proposal, or null: none configured, unreachable, refusing, answering badly, or too dear. Never fails the
 * step for good; `reasoning` says which it was. Throws when the activity is cancelled, and a retryable failure when the
 * server named a wait that Temporal can keep within the step's time.
 */
export async function askModel<Schema extends z.ZodType>(
  deps: Pick<Deps, 'model'>,
  request: AskRequest<Schema>,
): Promise<{ value: z.infer<Schema> | null; reasoning: Reasoning }> {
  if (deps.model === undefined) return { value: null, reasoning: { mode: 'knowledge' } };
  const session = newSession();
  const allowance = await openAllowanceOf(deps.model);
  try {
    const outcome = await converse(deps.model, request, session, allowance?.tokens);
    const value = outcome.kind === 'proposal' ? (outcome.value as z.infer<Schema>) : null;
    return { value, reasoning: reasoningOf(session, outcome) };
  } finally {
    await allowance?.close(session.paid);
  }
}

async function openAllowanceOf(model: Model) {
  const attempt = currentAttempt();
  const runTokens = model.runTokens ?? MAX_RUN_TOKENS;
  if (attempt === undefined || model.openAllowance === undefined) return undefined;
  return model.openAllowance({
    run: attempt.run,
    activity: attempt.activityId,
    attempt: attempt.attempt,
    share: shareOf(attempt.activityType, runTokens),
  });
}

/** Asks until an answer counts or nothing more may be tried. */
async function converse<Schema extends z.ZodType>(
  model: Model,
  request: AskRequest<Schema>,
  session: Session,
  allowed: number | undefined,
): Promise<Outcome> {
  const user = JSON.stringify(promptFacts(request.facts));
  const { name, schema, system, version } = request;
  for (;;) {
    heartbeat();
    try {
      const reply = await model.ask({
        ...{ name, schema, system, version, user },
        repairs: session.repairs,
        budget: allowed === undefined ? undefined : allowed - session.paid,
        run: currentAttempt()?.run,
        signal: cancellationSignal(),
      });
      const judged = judge(reply, request, session);
      if (judged.kind === 'proposal') return judged;
      if (!mayRepair(judged, session)) return { kind: 'none', reason: judged.reason };
      session.repairs.push([judged.fault, ...judged.paths].join('; '));
    } catch (error) {
      const reason = await waitOrGiveUp(error, session, MAX_ASKING_MS);
      if (reason !== null) return { kind: 'none', reason };
    }
  }
}

type Bad = { kind: 'bad'; fault: ModelFault; reason: string; paths: string[] };
type Proposal = Extract<Outcome, { kind: 'proposal' }>;

/** Counts a reply's cost and decides whether the reply is usable. */
function judge<Schema extends z.ZodType>(
  reply: ModelReply,
  { usable }: AskRequest<Schema>,
  session: Session,
): Bad | Proposal {
  const wasAsked = reply.kind === 'answer' || reply.fault !== 'budget';
  if (reply.fromCache) session.cachedCalls += 1;
  else {
    if (wasAsked) session.calls += 1;
    session.paid += reply.tokens;
  }
  if (reply.promptTruncated) session.faults.push('prompt_truncated');
  const judged = verdictOn(reply, usable);
  if (judged.kind === 'bad') session.faults.push(judged.fault);
  return judged;
}

function verdictOn<Schema extends z.ZodType>(
  reply: ModelReply,
  usable: AskRequest<Schema>['usable'],
): Bad | Proposal {
  if (reply.kind === 'unusable') {
    return { kind: 'bad', fault: reply.fault, reason: reply.reason, paths: reply.paths };
  }
  if (usable === undefined || usable(reply.value as z.infer<Schema>)) {
    return { kind: 'proposal', value: reply.value, model: reply.model };
  }
  return {
    kind: 'bad',
    fault: 'unknown_ids',
    reason: 'it names nothing that was offered',
    paths: [],
  };
}

const mayRepair = (bad: Bad, session: Session): boolean =>
  !FINAL_FAULTS.has(bad.fault) &&
  session.repairs.length < MAX_REPAIRS &&
  Date.now() - session.startedAt < MAX_ASKING_MS;

/** The warnings of a step: the model was configured and not used, or it saw a part of the facts alone. */
export function fallbackWarnings(step: StepName, reasoning: Reasoning): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ step_name: step, code, message });
  const { fallback_reason: reason, faults = [] } = reasoning;
  if (reason !== undefined) {
    warn(
      WARNING.modelFallback,
      `the model was not used, and the knowledge base decided: ${reason}`,
    );
  }
  if (faults.includes('prompt_truncated')) {
    warn(
      WARNING.promptTruncated,
      'the model server counted far fewer tokens than were sent, so it cut the facts: increase its context length (docs/models.md)',
    );
  }
  return warnings;
}
