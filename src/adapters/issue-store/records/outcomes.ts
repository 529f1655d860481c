import { Outcome } from '../../../domain/records/outcome';
import { checkShape } from '../../upstream/bounded-json';
import { UpstreamError } from '../../upstream/upstream-error';
import type { RecordBackend } from './record-backend';

/** One outcome a digest: an issue is released once. */
const KEY = 'outcome';

export type OutcomeRecords = {
  /** Keeps the outcome with its issue; the first one stays. */
  recordOutcome(outcome: Outcome): Promise<void>;
  /** Null while the release has not ended, or nobody reported it. */
  outcome(issueId: string): Promise<Outcome | null>;
};

/** How the release of an issue went. */
export function outcomeRecords(records: RecordBackend): OutcomeRecords {
  return {
    async recordOutcome(outcome) {
      const checked = checkShape(Outcome, outcome);
      if (!checked.success)
        throw new UpstreamError('issue-store', `no outcome: ${checked.fault}`, { permanent: true });
      await records.create('outcome', checked.data.issue_id, KEY, checked.data);
    },
    async outcome(issueId) {
      const [stored] = await records.read('outcome', issueId, [KEY]);
      if (stored === undefined) return null;
      const checked = checkShape(Outcome, stored.content);
      if (checked.success && checked.data.issue_id === issueId) return checked.data;
      // A release that may have ended must not begin again.
      const fault = checked.success ? `it is of ${checked.data.issue_id}` : checked.fault;
      throw new UpstreamError('issue-store', `the outcome of ${issueId} cannot be read: ${fault}`, {
        permanent: true,
      });
    },
  };
}
