import { createHash } from 'node:crypto';
import { Approval } from '../../../domain/records/approval';
import { personOf } from '../../../guard/approvals/person';
import { checkShape } from '../../upstream/bounded-json';
import { UpstreamError } from '../../upstream/upstream-error';
import type { RecordBackend, StoredRecord } from './record-backend';

/** Two are the most that a policy asks for. */
const MAX_APPROVALS = 50;

/** What the store takes as an approval; the issue's id is added. */
export type NewApproval = Omit<Approval, 'issue_id'>;
export type ApprovalRecords = {
  /** False when the same person, in any spelling, has approved the issue before. Throws where that entry does not count. */
  recordApproval(issueId: string, approval: NewApproval): Promise<boolean>;
  /** In the order of time. Leaves out what is no approval of this issue; `onForeign` gets the reason. */
  approvals(issueId: string, onForeign?: (reason: string) => void): Promise<Approval[]>;
};

/** Approvals, one a person: the key is the person's name, so two at once are one. */
export function approvalRecords(records: RecordBackend): ApprovalRecords {
  const all = (issueId: string) => records.list('approval', issueId, MAX_APPROVALS + 1);
  return {
    async recordApproval(issueId, given) {
      const checked = checkShape(Approval, { ...given, issue_id: issueId });
      if (!checked.success) throw refused(`no approval: ${checked.fault}`);
      const key = keyOf(checked.data.by);
      const stored = await all(issueId);
      const known = stored.find((one) => one.key === key);
      const fault = known && approvalIn(known, issueId);
      // It does not count, so this person has not approved.
      if (typeof fault === 'string') throw refused(`approval ${key} of ${issueId}: ${fault}`);
      if (known !== undefined) return false;
      if (stored.length >= MAX_APPROVALS)
        throw refused(`${issueId} has ${MAX_APPROVALS} approvals, which is the most`);
      return records.create('approval', issueId, key, checked.data);
    },
    async approvals(issueId, onForeign) {
      const found: Approval[] = [];
      for (const record of (await all(issueId)).slice(0, MAX_APPROVALS)) {
        const approval = approvalIn(record, issueId);
        if (typeof approval === 'string') onForeign?.(`approval ${record.key}: ${approval}`);
        else found.push(approval);
      }
      return found.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    },
  };
}

const keyOf = (by: string): string =>
  createHash('sha256').update(personOf(by)).digest('hex').slice(0, 32);

/** The approval, or why it is none of this issue. */
function approvalIn({ key, content, fault }: StoredRecord, issueId: string): Approval | string {
  if (fault !== undefined) return fault.message;
  if (content === null) return 'cannot be read';
  const checked = checkShape(Approval, content);
  if (!checked.success) return checked.fault;
  const { issue_id: id, by } = checked.data;
  if (id !== issueId) return `is of ${id}`;
  return key === keyOf(by) ? checked.data : `is not stored under the name of ${by}`;
}

const refused = (reason: string) => new UpstreamError('issue-store', reason, { permanent: true });
