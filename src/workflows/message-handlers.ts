/** How workflows treat messages from outside: parsed first; a malformed update is rejected, a malformed signal ignored. */
import { ApplicationFailure, log, setDefaultSignalHandler } from '@temporalio/workflow';
import { REJECTION } from '../domain/names';
import type { Parsed } from '../steps/text/read-fields';

/** A validator that rejects what the parser rejects; the caller gets a failure of type MalformedMessage. */
export const validatorOf =
  <Value>(name: string, parse: (input: unknown) => Parsed<Value>) =>
  (input: unknown): void => {
    const parsed = parse(input);
    if (!parsed.ok) {
      throw ApplicationFailure.nonRetryable(
        `The update ${name} was rejected: ${parsed.problem}.`,
        REJECTION.malformed,
      );
    }
  };

/**
 * A signal handler that never throws: a failure in it would fail the workflow task, which Temporal retries
 * forever.
 */
export const handlerOf =
  <Value>(name: string, parse: (input: unknown) => Parsed<Value>, handle: (value: Value) => void) =>
  (input: unknown): void => {
    const parsed = parse(input);
    if (parsed.ok) handle(parsed.value);
    else log.warn('ignored a malformed signal', { signal: name, problem: parsed.problem });
  };

/** Signals of other names would be kept in memory for as long as the run lives. */
export const ignoreOtherSignals = (): void =>
  setDefaultSignalHandler((name) =>
    log.warn('ignored a signal that this workflow does not handle', { signal: name.slice(0, 100) }),
  );
