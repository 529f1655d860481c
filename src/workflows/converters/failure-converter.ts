import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Messages and stack traces of failures travel as a payload, which the codec can encrypt, and not as plain text. Client
 * and worker load this file by its path; the bundle of a worker that encrypts has it for the workflow's own failures.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
