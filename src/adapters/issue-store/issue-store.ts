import type { Client } from '@elastic/elasticsearch';
import type { Issue, IssueDraft, IssueSummary } from '../../domain/issue';
import { filePathOf } from '../files/json-file';
import { UpstreamError } from '../upstream/upstream-error';
import type { IssueBackend } from './backend';
import { elasticsearchBackend } from './elasticsearch';
import { fileBackend } from './file';
import { issueFamily, openIssue, sealIssue } from './seal';

export type IssueStore = {
  /** Stores the draft as the next revision; the same preparation (workflow id and run) finds its own issue again. */
  record(draft: IssueDraft): Promise<Issue>;
  get(issueId: string): Promise<Issue | null>;
  latest(service: string, candidate: string): Promise<Issue | null>;
  list(filter: { service?: string; limit?: number }): Promise<IssueSummary[]>;
};

/** One service and version is prepared again and again only by mistake. */
const MAX_REVISIONS = 1_000;

/** Issues in Elasticsearch, or in a `file:` folder. */
export function createIssueStore(options: {
  url: string;
  client?: Client;
  index: string;
}): IssueStore {
  const { client, index, url } = options;
  return createOn(
    client === undefined ? fileBackend(filePathOf(url)) : elasticsearchBackend(client, index),
  );
}

function createOn(backend: IssueBackend): IssueStore {
  const get = async (issueId: string): Promise<Issue | null> => {
    const stored = await backend.read(issueId);
    return stored === null ? null : openIssue(issueId, stored);
  };
  async function* revisions(of: { service: string; candidate: string }) {
    for (let revision = 1; revision <= MAX_REVISIONS; revision += 1) {
      const issue = await get(`${issueFamily(of)}-r${revision}`);
      if (issue === null) return;
      yield issue;
    }
  }
  return {
    get,
    async record(draft) {
      let next = 1;
      for await (const issue of revisions(draft)) {
        if (samePreparation(issue, draft)) return issue;
        next = issue.revision + 1;
      }
      for (; next <= MAX_REVISIONS; next += 1) {
        const issue = sealIssue(draft, next);
        if (await backend.create(issue)) return issue;
        const other = await get(issue.issue_id);
        if (other !== null && samePreparation(other, draft)) return other;
      }
      throw new UpstreamError('issue-store', `over ${MAX_REVISIONS} revisions of ${draft.title}`, {
        permanent: true,
      });
    },
    async latest(service, candidate) {
      let newest: Issue | null = null;
      for await (const issue of revisions({ service, candidate })) newest = issue;
      return newest;
    },
    async list({ service, limit = 50 }) {
      const stored = await backend.list({ service, limit });
      return stored.map(({ id, content }) => summaryOf(openIssue(id, content)));
    },
  };
}

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
