import type { FastifyReply } from 'fastify';
import { UpstreamError } from '../adapters/upstream/upstream-error';
import type { Refusal } from '../guard/verdict';
import { TokensUnreadable } from './tokens';

/** An answer other than success: RFC 9457. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly title: string;
  readonly more: Readonly<Record<string, unknown>>;
  constructor(status: number, title: string, detail: string, more: Record<string, unknown> = {}) {
    super(detail);
    this.status = status;
    this.title = title;
    this.more = more;
  }
}

/** A refusal of the guard; executors stay where they are. */
export const refusedProblem = ({ code, clause, message }: Refusal): Problem =>
  new Problem(409, code, message, { code, clause });

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  413: 'Too large',
  415: 'Not JSON',
};

type HttpError = { statusCode?: number; message: string };

/** What failed, as a problem; the reason of a fault of ours goes to `onFault` alone. */
export function problemOf(error: unknown, onFault: (reason: string) => void): Problem {
  if (error instanceof Problem) return error;
  const { statusCode = 500, message } = error as HttpError;
  if (error instanceof UpstreamError || error instanceof TokensUnreadable) {
    onFault(message);
    return new Problem(503, 'Unavailable', 'Something that the answer needs cannot be read.');
  }
  if (statusCode >= 400 && statusCode < 500)
    return new Problem(statusCode, TITLES[statusCode] ?? 'Refused', message.slice(0, 500));
  onFault(message);
  return new Problem(500, 'Internal error', 'The server failed to answer.');
}

export function sendProblem(reply: FastifyReply, { status, title, message, more }: Problem): void {
  if (status === 401) void reply.header('www-authenticate', 'Bearer, Basic');
  void reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ type: 'about:blank', title, status, detail: message, ...more });
}
