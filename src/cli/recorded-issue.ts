import type { Issue } from '../domain/issue';
import { issueStoreOf, issueStoreOptionsOf } from '../bootstrap/create-issue-store';
import type { Config } from '../config/config';
import { failed } from './exit-codes';

/** The issue with an id, or the newest one of a service and version. Throws a CommandError where there is none. */
export async function recordedIssue(
  config: Config,
  first: string,
  version: string | undefined,
): Promise<Issue> {
  const store = issueStoreOf(config);
  const issue = version === undefined ? await store.get(first) : await store.latest(first, version);
  if (issue !== null) return issue;
  const name = version === undefined ? first : `${first} ${version}`;
  throw failed(`no issue of ${name} is recorded in ${issueStoreOptionsOf(config).url}`);
}
