import { readFields, type Parsed } from '../text/read-fields';

/** The update `retryStep`: one step or activity by its name; without a name everything that failed. */
export type RetryChoice = { step?: string } | null | undefined;

/** Longest name of a step or an activity, with room to spare. */
const MAX_NAME = 100;

export function parseRetry(input: unknown): Parsed<RetryChoice> {
  if (input === undefined || input === null) return { ok: true, value: input };
  const fields = readFields(input);
  const step = fields.has('step') ? fields.text('step', MAX_NAME) : undefined;
  return fields.result(step === undefined ? {} : { step });
}
