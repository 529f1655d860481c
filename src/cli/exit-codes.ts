/** Exit codes of the contract. */
export const EXIT = { ok: 0, usage: 2, refused: 3, failed: 4, interrupted: 130 } as const;

/** Ends a command with a code and a message for stderr. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
export const usage = (message: string) => new CommandError(EXIT.usage, message);
export const failed = (message: string) => new CommandError(EXIT.failed, message);

/** The error message with its cause, which Temporal's client keeps separately ("Failed to start Workflow" is not enough). */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { details?: unknown; message?: unknown } };
  const reason = cause?.details ?? cause?.message;
  const text =
    error.name === 'ServiceError' && typeof reason === 'string' && reason !== ''
      ? `${error.message}: ${reason}`
      : error.message;
  return /\bnamespace\b.{0,200}\bnot found\b/i.test(text)
    ? `${text.replace(/\.$/, '')}: fix TEMPORAL_NAMESPACE, or namespace in the profile`
    : text;
}
