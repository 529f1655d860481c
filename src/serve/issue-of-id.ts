import type { IssueStore } from '../adapters/issue-store/issue-store';
import { UpstreamError } from '../adapters/upstream/upstream-error';
import type { Issue } from '../domain/issue';
import { Problem } from './problem';

/** The issue of an id, checked against its digest; a problem where there is none. */
export async function issueOfId(store: Pick<IssueStore, 'get'>, id: string): Promise<Issue> {
  const missing = () => new Problem(404, 'Not found', `No issue ${id.slice(0, 100)} is recorded.`);
  if (!/^[a-z0-9-]{1,200}$/.test(id)) throw missing();
  try {
    const issue = await store.get(id);
    if (issue === null) throw missing();
    return issue;
  } catch (error) {
    if (!(error instanceof UpstreamError) || !error.permanent) throw error;
    throw new Problem(409, 'Not a valid issue', error.message);
  }
}
