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
  const outcome = async (issueId: string): Promise<Outcome | null> => {
    const [stored] = await records.read('outcome', issueId, [KEY]);
    if (stored === undefined) return null;
    if (stored.fault !== undefined) throw stored.fault;
    const checked = checkShape(Outcome, stored.content);
    if (checked.success && checked.data.issue_id === issueId) return checked.data;
    // A release that may have ended must not begin again.
    const fault = checked.success ? `it is of ${checked.data.issue_id}` : checked.fault;
    throw new UpstreamError('issue-store', `the outcome of ${issueId} cannot be read: ${fault}`, {
      permanent: true,
    });
  };
  return {
    async recordOutcome(given) {
      const checked = checkShape(Outcome, given);
      if (!checked.success)
        throw new UpstreamError('issue-store', `no outcome: ${checked.fault}`, { permanent: true });
      const { issue_id: id } = checked.data;
      // What is there already may be none that counts: then nothing was recorded.
      if (!(await records.create('outcome', id, KEY, checked.data))) await outcome(id);
    },
    outcome,
  };
}
