import { z } from 'zod';
import { ModelFault } from './model-fault';
import { STEP } from './names';

export const StepStatus = z.enum(['success', 'warning', 'failed']);
export type StepStatus = z.infer<typeof StepStatus>;

/** RFC 3339 with the local offset, as `2025-08-25T16:17:24+08:00`. */
export const Timestamp = z.iso.datetime({ offset: true });

/** How a step found its answer: with a model or from the knowledge base alone. */
export const Reasoning = z.strictObject({
  mode: z.enum(['model', 'knowledge']),
  model: z.string().optional(),
  /** Requests to the model that this run sent, and the tokens that it paid for them. */
  calls: z.int().nonnegative().optional(),
  tokens: z.int().nonnegative().optional(),
  /** Answers from the cache, not among `calls`: an earlier attempt or run paid for them. */
  cached_calls: z.int().nonnegative().optional(),
  /** What was wrong with answers on the way, in order; the knowledge base decided after the last. */
  faults: z.array(ModelFault).optional(),
  fallback_reason: z.string().optional(),
});
export type Reasoning = z.infer<typeof Reasoning>;

export const Warning = z.strictObject({
  step_name: z.enum(Object.values(STEP)),
  code: z.string(),
  message: z.string(),
});
export type Warning = z.infer<typeof Warning>;

/** The StepResult of one step, with that step's details. */
export const stepResultOf = <Name extends string, Details extends z.ZodType>(
  name: Name,
  details: Details,
) =>
  z.strictObject({
    step_name: z.literal(name),
    status: StepStatus,
    summary: z.string(),
    details,
    timestamp: Timestamp,
  });

/** The result of an activity: the StepResult, and warnings for the issue. */
export type StepOutcome<Result> = { result: Result; warnings: Warning[] };
