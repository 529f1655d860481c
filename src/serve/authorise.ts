import type { FastifyRequest } from 'fastify';
import { Problem } from './problem';
import type { Role, Tokens } from './tokens';

/** Names of this machine; a page of another name in a browser must not reach a server without tokens. */
const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;

/** Refuses a caller without the role. Without tokens the server listens on this machine alone. Returns its name. */
export async function authorise(
  request: FastifyRequest,
  tokens: Tokens | undefined,
  role: Role,
): Promise<string | undefined> {
  const { host = '', authorization = '', origin } = request.headers;
  if (tokens === undefined) {
    if (!LOCAL_HOST.test(host) || origin !== undefined)
      throw new Problem(403, 'Forbidden', 'Set SERVE_TOKENS_FILE to be asked from elsewhere.');
    return undefined;
  }
  const caller = await tokens.callerOf(tokenIn(authorization));
  if (caller === undefined)
    throw new Problem(401, 'Unauthorised', 'The bearer token is missing or wrong.');
  if (!caller.roles.includes(role))
    throw new Problem(403, 'Forbidden', `The token ${caller.name} has no role ${role}.`);
  return caller.name;
}

/** Bearer, or the password of Basic: Flagger can only put credentials into the URL. */
function tokenIn(authorization: string): string {
  const [, scheme = '', value = ''] =
    /^(\w{1,10}) ([\x21-\x7e]{1,4096})$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
