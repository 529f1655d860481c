import path from 'node:path';
import type { Client } from '@elastic/elasticsearch';
import type { Issue, IssueDraft, IssueSummary } from '../../domain/issue';
import { filePathOf } from '../files/json-file';
import { UpstreamError } from '../upstream/upstream-error';
import type { IssueBackend, Stored } from './backend';
import { elasticsearchBackend } from './elasticsearch-backend';
import { fileBackend } from './file-backend';
import { checkSeal, sealOf, type Sealing } from './keyed-seal';
import { approvalRecords, type ApprovalRecords } from './records/approvals';
import { outcomeRecords, type OutcomeRecords } from './records/outcomes';
import { elasticsearchRecords } from './records/elasticsearch-records';
import { fileRecords } from './records/file-records';
import { gateLog, type GateLog } from './records/gate-log';
import type { RecordBackend } from './records/record-backend';
import { sealedRecords } from './records/sealed-records';
import {
  canonicalOf,
  issueFamily,
  oldIssueFamily,
  openIssue,
  sameContent,
  sealIssue,
} from './seal';

export type IssueStore = Records & {
  /** Whether an issue without a keyed seal is refused. */
  needsSeal: boolean;
  /**
   * Stores the draft as the next revision. A preparation (workflow id and run) that is recorded again, because a worker
   * died or the run was resumed, finds its own issue. Times, and what follows from them, differ then: the stored issue is
   * compared with `draftAt` its own time of creation. A document with other content under the run's name is not taken.
   */
  record(draft: IssueDraft, draftAt?: (createdAt: Date) => IssueDraft): Promise<Issue>;
  get(issueId: string): Promise<Issue | null>;
  latest(service: string, candidate: string): Promise<Issue | null>;
  /** Leaves out documents that are not issues; `onForeign` gets the reason. */
  list(filter: {
    service?: string;
    limit?: number;
    onForeign?: (reason: string) => void;
  }): Promise<IssueSummary[]>;
  /** Names of services that have issues, as the store has them: at most 5,000, not checked against digest or seal. */
  services(): Promise<string[]>;
};

/** What is kept with the issues. */
type Records = ApprovalRecords & GateLog & OutcomeRecords;
const recordsOn = (backend: RecordBackend): Records => ({
  ...approvalRecords(backend),
  ...gateLog(backend),
  ...outcomeRecords(backend),
});

/** One service and version is prepared again and again only by mistake. */
const MAX_REVISIONS = 1_000;
const MAX_SERVICES = 5_000;
const PREPARE = 'prepare the release again';

/**
 * Issues in Elasticsearch, or in a `file:` folder; with `sealing`, each has a keyed seal next to it, and so has each
 * record that is kept with it.
 */
export function createIssueStore(options: {
  url: string;
  client?: Client;
  index: string;
  sealing?: Sealing;
}): IssueStore {
  const { client, index, url, sealing } = options;
  if (client === undefined) {
    const folder = filePathOf(url);
    const backend = fileBackend(folder, { readsSeals: sealing !== undefined });
    const records = sealedRecords(fileRecords(folder), path.join(folder, 'records'), sealing);
    return { ...issuesOn(backend, sealing), ...recordsOn(records) };
  }
  const recordIndex = `${index}-records`;
  const stored = elasticsearchRecords(client, recordIndex);
  const records = sealedRecords(stored, `the index ${recordIndex}`, sealing);
  return { ...issuesOn(elasticsearchBackend(client, index), sealing), ...recordsOn(records) };
}

function issuesOn(
  backend: IssueBackend,
  sealing: Sealing | undefined,
): Omit<IssueStore, keyof Records> {
  const { where } = backend;
  const open = (id: string, { content, seal }: Stored, by = sealing): Issue => {
    const issue = openIssue(id, content);
    if (by !== undefined) {
      const named = `${id} in ${where}`;
      checkSeal({ named, text: canonicalOf(issue), remedy: PREPARE }, seal, by);
    }
    return issue;
  };

  const get = async (issueId: string): Promise<Issue | null> => {
    const stored = await backend.read(issueId);
    return stored === null ? null : open(issueId, stored);
  };

  /** The issue with an id, or why the document there is not an issue of this service and version. */
  const look = async (issueId: string, of: Family): Promise<Issue | UpstreamError | null> => {
    try {
      const issue = await get(issueId);
      if (issue === null || isOf(issue, of)) return issue;
      return new UpstreamError(
        'issue-store',
        `${issueId} is of ${issue.service} ${issue.candidate}`,
        {
          permanent: true,
        },
      );
    } catch (error) {
      if (error instanceof UpstreamError && error.permanent) return error;
      throw error;
    }
  };

  /** What lies under each revision, those with ids of before 0.2.0 among them. */
  async function* revisions(of: Family) {
    let hasOld = true;
    for (let revision = 1; revision <= MAX_REVISIONS; revision += 1) {
      const old: Found = hasOld ? await look(`${oldIssueFamily(of)}-r${revision}`, of) : null;
      hasOld = old !== null;
      const mine = old !== null && !(old instanceof UpstreamError);
      const found: Found = mine ? old : await look(`${issueFamily(of)}-r${revision}`, of);
      if (found === null && old === null) return;
      if (found !== null) yield { revision, found };
    }
  }

  return {
    needsSeal: sealing !== undefined && sealing.acceptUnsealed !== true,
    get,
    async record(draft, draftAt = () => draft) {
      let next = 1;
      for await (const { revision, found } of revisions(draft)) {
        if (isRecordOf(found, draft, draftAt)) return found;
        next = revision + 1;
      }
      for (; next <= MAX_REVISIONS; next += 1) {
        const issue = sealIssue(draft, next);
        const seal = sealing && sealOf(canonicalOf(issue), sealing);
        if (await backend.create(issue, seal)) return issue;
        const other = await look(issue.issue_id, draft);
        if (isRecordOf(other, draft, draftAt)) return other;
      }
      throw new UpstreamError('issue-store', `over ${MAX_REVISIONS} revisions of ${draft.title}`, {
        permanent: true,
      });
    },
    async latest(service, candidate) {
      let newest: Issue | UpstreamError | null = null;
      for await (const { found } of revisions({ service, candidate })) newest = found;
      // An older plan in place of one that was overwritten would be obeyed.
      if (newest instanceof UpstreamError) throw newest;
      return newest;
    },
    async list({ service, limit = 50, onForeign }) {
      const stored = await backend.list({ service, limit });
      // A list is no plan that is obeyed: one sentence for each old issue would hide it.
      const quiet = sealing && { ...sealing, onUnsealed: undefined };
      return stored.flatMap((one) => {
        try {
          return [summaryOf(open(one.id, one, quiet))];
        } catch (error) {
          if (!(error instanceof UpstreamError)) throw error;
          onForeign?.(error.message);
          return [];
        }
      });
    },
    services: () => backend.services(MAX_SERVICES),
  };
}

type Family = { service: string; candidate: string };
type Found = Issue | UpstreamError | null;
const isOf = (issue: Family, { service, candidate }: Family): boolean =>
  issue.service === service && issue.candidate === candidate;

/** The issue of this preparation, if it has the expected content; another document under its name is rejected. */
const isRecordOf = (
  found: Found,
  draft: IssueDraft,
  draftAt: (createdAt: Date) => IssueDraft,
): found is Issue =>
  found !== null &&
  !(found instanceof UpstreamError) &&
  samePreparation(found, draft) &&
  sameContent(found, draftAt(new Date(found.created_at)));

const samePreparation = (a: IssueDraft, b: IssueDraft): boolean =>
  a.workflow.id === b.workflow.id && a.workflow.run_id === b.workflow.run_id;

const summaryOf = (issue: Issue): IssueSummary => ({
  issue_id: issue.issue_id,
  service: issue.service,
  candidate: issue.candidate,
  revision: issue.revision,
  created_at: issue.created_at,
  expires_at: issue.expires_at,
  title: issue.title,
  warnings: issue.warnings.length,
});
