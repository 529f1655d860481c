import type { ModelFault } from '../../domain/model-fault';
import { redact } from '../redaction';
import { printable } from '../terminal/printable';

export type UpstreamName =
  | 'release-system'
  | 'elasticsearch'
  | 'prometheus'
  | 'model'
  | 'issue-store'
  | 'executor'
  | 'release-lock'
  | 'webhook';

/** Asking again cannot change these answers. */
const PERMANENT_STATUS = new Set([400, 401, 402, 403, 404, 405, 409, 410, 413, 414, 415, 422, 431]);

/**
 * The one error that adapters throw for a system outside. `permanent` says that a retry is pointless;
 * activities/runtime/typed-failures.ts turns it into an ApplicationFailure. Systems like to quote the credentials that they refuse:
 * those of this process are hidden here, before the message goes anywhere. So are control characters: Temporal's own
 * tools print the message of a failure.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: UpstreamName;
  readonly status: number | undefined;
  readonly permanent: boolean;
  /** What the system asked for by Retry-After. */
  readonly retryAfterMs: number | undefined;
  /** The answer was over our own bound on bytes. */
  readonly tooLarge: boolean;
  /** Of the model: which kind of bad answer this was. */
  readonly fault: ModelFault | undefined;

  constructor(
    upstream: UpstreamName,
    message: string,
    options: {
      status?: number;
      permanent?: boolean;
      retryAfterMs?: number;
      tooLarge?: boolean;
      fault?: ModelFault;
      cause?: unknown;
    } = {},
  ) {
    super(printable(redact(`${upstream}: ${message}`)), { cause: options.cause });
    this.upstream = upstream;
    this.status = options.status;
    this.permanent =
      options.permanent ?? (options.status !== undefined && PERMANENT_STATUS.has(options.status));
    this.retryAfterMs = options.retryAfterMs;
    this.tooLarge = options.tooLarge ?? false;
    this.fault = options.fault;
  }
}
