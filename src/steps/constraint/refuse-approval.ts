import type { Issue } from '../../domain/issue';
import { refuse, type Refusal } from '../../guard/verdict';

/** Why an approval of a digest is not taken: it is of another document, or comes too late. */
export function refuseApproval(
  issue: Pick<Issue, 'digest' | 'revision' | 'expires_at'>,
  digest: string,
  now: Date,
): Refusal | undefined {
  if (digest !== issue.digest)
    return refuse(
      'WrongDigest',
      '/digest',
      `The approval is of ${digest.slice(0, 80)}, not of revision ${issue.revision} (${issue.digest}).`,
    );
  if (!(now.getTime() < Date.parse(issue.expires_at)))
    return refuse('Expired', '/expires_at', `The issue expired at ${issue.expires_at}.`);
  return undefined;
}
