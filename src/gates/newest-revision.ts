import type { IssueStore } from '../adapters/issue-store/issue-store';
import type { Issue } from '../domain/issue';
import { refuse, type Refusal } from '../guard/verdict';

/** A release begins by the newest revision: an older plan may be looser. */
export async function replaced(
  store: Pick<IssueStore, 'latest'>,
  { service, candidate, revision }: Issue,
): Promise<Refusal | undefined> {
  const newest = await store.latest(service, candidate);
  return newest !== null && newest.revision > revision
    ? refuse('WrongRevision', '/revision', `Revision ${newest.revision} has replaced this one.`)
    : undefined;
}
