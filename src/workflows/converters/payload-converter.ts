import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common';

/**
 * What workflow code gets from outside, such as the arguments of a query, may be no JSON or have an unknown encoding. An
 * error here would fail the workflow task, and Temporal retries that for ever; so such a payload is undefined, which the
 * parser of each message and input refuses. The bundle of the workflows holds this file; clients have the SDK's own.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: (payload, context, hint) => {
    try {
      return defaultPayloadConverter.fromPayload(payload, context, hint);
    } catch {
      return undefined as never;
    }
  },
};
