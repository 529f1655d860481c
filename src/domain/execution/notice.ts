/** What people are told of a release, outside Temporal. */
export type Notice = {
  /** The same for each try to tell it. */
  id: string;
  type: 'rollout.stopped' | 'rollout.ended';
  at: string;
  /** `SERVICE VERSION`. */
  subject: string;
  data: {
    service: string;
    version: string;
    issue_id: string;
    digest: string;
    workflow_id: string;
    phase: string;
    batch: number;
    batches: number;
    reason?: { code: string; text: string; rule_id?: string };
    /** Hosts that run the candidate, or may. */
    released_hosts: string[];
    /** Hosts that a rollback did not reach. */
    hosts_left?: string[];
  };
};
