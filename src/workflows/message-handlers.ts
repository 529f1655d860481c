/** How workflows treat messages from outside: parsed first; a malformed update is rejected, a malformed signal ignored. */
import {
  defaultPayloadConverter,
  rawValueTypeInfo,
  type RawValue,
  type TypeInfo,
} from '@temporalio/common';
import { ApplicationFailure, log } from '@temporalio/workflow';
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
 * For the definition of a signal: its payloads stay as they are. A payload that cannot be converted would fail the
 * workflow task before any handler runs, and Temporal retries that for ever. The SDK asks for the type of each argument,
 * however many there are.
 */
export const unconverted = {
  typeInfo: { inputTypes: new Proxy<TypeInfo[]>([], { get: () => rawValueTypeInfo }) },
};

/**
 * Handles a signal defined as `unconverted`. It never throws: a failure in it would fail the workflow task, too. Signals
 * of other names have no handler: a default one makes the SDK throw for names that begin with `__temporal_`.
 */
export const handlerOf =
  <Value>(name: string, parse: (input: unknown) => Parsed<Value>, handle: (value: Value) => void) =>
  (payload?: RawValue): void => {
    const parsed = parse(converted(payload));
    if (parsed.ok) handle(parsed.value);
    else log.warn('ignored a malformed signal', { signal: name, problem: parsed.problem });
  };

function converted(raw: RawValue | undefined): unknown {
  try {
    return raw && defaultPayloadConverter.fromPayload(raw.payload);
  } catch {
    return undefined;
  }
}
