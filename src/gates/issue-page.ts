import type { IssueStore } from '../adapters/issue-store/issue-store';
import type { IssueSummary } from '../domain/issue';

/** Older ones are found by service or id. */
const MAX_LISTED = 1_000;

export type IssuePage = { issues: IssueSummary[]; next_cursor?: string };

/** One page of recorded issues, the newest first; the cursor is the last one of the page before. */
export async function issuePage(
  store: Pick<IssueStore, 'list'>,
  {
    service,
    cursor,
    limit,
    onForeign,
  }: {
    service?: string;
    cursor?: string;
    limit: number;
    onForeign: (reason: string) => void;
  },
): Promise<IssuePage> {
  const all = await store.list({
    ...(service !== undefined && { service }),
    ...{ limit: MAX_LISTED, onForeign },
  });
  const after = cursor === undefined ? 0 : startAfter(all, cursor);
  const issues = all.slice(after, after + limit);
  const last = issues[issues.length - 1];
  return after + limit < all.length && last !== undefined
    ? { issues, next_cursor: cursorOf(last) }
    : { issues };
}

const cursorOf = ({ created_at: at, issue_id: id }: IssueSummary): string =>
  Buffer.from(`${at} ${id}`).toString('base64url');

/** Behind the named one; where it is gone, behind all that are as new. */
function startAfter(all: readonly IssueSummary[], cursor: string): number {
  const [at = '', id] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const found = all.findIndex(({ issue_id: one }) => one === id);
  if (found !== -1) return found + 1;
  const older = all.findIndex(({ created_at: one }) => Date.parse(one) < Date.parse(at));
  return older === -1 ? all.length : older;
}
