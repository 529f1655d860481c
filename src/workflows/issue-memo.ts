import { patched, upsertMemo } from '@temporalio/workflow';
import type { Issue } from '../domain/issue';
import { MEMO } from '../domain/names';
import type { Delivered } from '../domain/progress';

/** Runs that ended before 0.2.0 have no such memo. */
const PATCH = 'memo-of-the-issue';
/** A memo is listed with each run; the issue has all concerns. */
const MAX_CONCERNS = 10;

/** Puts the issue's id, its verdict and its receiver into the memo of the run, which can be read without a worker. */
export function rememberIssue({ issue_id: id, verdict }: Issue, delivered?: Delivered): void {
  if (!patched(PATCH)) return;
  upsertMemo({
    [MEMO.issueId]: id,
    [MEMO.deliveredTo]: delivered?.to ?? null,
    ...(verdict !== undefined && {
      [MEMO.verdict]: { ...verdict, concerns: verdict.concerns.slice(0, MAX_CONCERNS) },
    }),
  });
}
