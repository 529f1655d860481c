import { openIssue as openStored } from '../../adapters/issue-store/seal';
import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { Issue } from '../../domain/issue';
import { executableOf, type ExecutableIssue } from '../../steps/execution/executable-issue';
import type { Deps } from '../runtime/activity-deps';

export type OpenIssueArgs = { issue_id: string; digest: string; issue?: unknown };
export type OpenedIssue =
  | { issue: ExecutableIssue }
  /** Why this release is not begun: `Replayed`, `WrongDigest`, `CannotDeploy`. `frees`: the service that nobody releases. */
  | { refused: { code: string; text: string; frees?: string } };

/** The issue of a signal, its digest checked; a large one is read from the store. Refuses a release that has ended. */
export async function openIssue(
  { issueStore, hostActions }: Pick<Deps, 'issueStore' | 'hostActions'>,
  { issue_id: id, digest, issue: inline }: OpenIssueArgs,
): Promise<OpenedIssue> {
  const issue = await issueOf(issueStore, id, inline);
  if (issue.digest !== digest)
    return refused('WrongDigest', `issue ${id} has digest ${issue.digest}, not ${digest}`);
  const outcome = await issueStore.outcome(id);
  if (outcome !== null && outcome.digest === digest)
    return refused('Replayed', `the release of ${id} has ended: ${outcome.result}`);
  if (!hostActions.canAct)
    return {
      refused: {
        code: 'CannotDeploy',
        text: 'RELEASE_SYSTEM_URL is a list of hosts, which cannot deploy; set it to a release system',
        frees: issue.service,
      },
    };
  return { issue: executableOf(issue, await failedTargets(issueStore, issue)) };
}

const refused = (code: string, text: string): OpenedIssue => ({ refused: { code, text } });

async function issueOf(
  store: Pick<Deps['issueStore'], 'get' | 'needsSeal'>,
  id: string,
  inline: unknown,
): Promise<Issue> {
  // The store's own copy: where issues have a keyed seal, it alone is checked by it.
  const stored = await store.get(id);
  if (stored === null && inline !== undefined && !store.needsSeal) return openStored(id, inline);
  if (stored === null) throw new UpstreamError('issue-store', `${id} is not stored`);
  return stored;
}

/** Revisions of one version that are looked at for the last outcome; the newest may not have been released. */
const MAX_REVISIONS = 5;
const FAILED: readonly string[] = ['aborted', 'rolled_back'];

/** Versions that hosts run although their last release was given up: never what a rollback goes to. */
async function failedTargets(
  store: Pick<Deps['issueStore'], 'latest' | 'outcome'>,
  { service, candidate, rollback }: Issue,
): Promise<string[]> {
  const versions = Object.keys(rollback?.targets ?? {}).filter((one) => one !== candidate);
  const results = await Promise.all(
    versions.map(async (version) => {
      const latest = await store.latest(service, version);
      for (let back = 0; latest !== null && back < MAX_REVISIONS; back += 1) {
        const revision = latest.revision - back;
        if (revision < 1) return undefined;
        const id = latest.issue_id.replace(/-r\d+$/, `-r${revision}`);
        const outcome = await store.outcome(id);
        if (outcome !== null) return outcome.result;
      }
      return undefined;
    }),
  );
  return versions.filter((_, index) => FAILED.includes(results[index] ?? ''));
}
