import pLimit from 'p-limit';
import type { IssueStore } from '../../adapters/issue-store/issue-store';
import { issueStoreOf, issueStoreOptionsOf } from '../../bootstrap/create-issue-store';
import { loadConfig } from '../../config/config';
import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { Issue, IssueSummary } from '../../domain/issue';
import type { Outcome } from '../../domain/records/outcome';
import type { Released } from '../../steps/outcomes/prediction-score';
import { failed, usage } from '../exit-codes';
import { print, printJson, printView, tell } from '../print';
import { issueMarkdown } from '../render/markdown/markdown';
import { issueHtml } from '../render/page/issue-html';
import { renderIssue, renderList } from '../render/issue';
import { renderOutcomes } from '../render/release/outcome-list';
import { terminalView } from '../render/layout/terminal-view';

export type ShowOptions = {
  json?: boolean;
  markdown?: boolean;
  html?: boolean;
  lang?: string;
};

/** `release-prep show S [V] | ISSUE_ID`: the newest issue of a service or a version, or one issue. */
export async function show(
  first: string,
  version: string | undefined,
  options: ShowOptions,
): Promise<void> {
  const formats = [options.json, options.markdown, options.html].filter(Boolean).length;
  if (formats > 1) throw usage('give one of --json, --markdown and --html');
  const config = loadConfig();
  const store = issueStoreOf(config);
  const issue =
    version === undefined
      ? ((await store.get(first)) ?? (await newestOf(store, first)))
      : await store.latest(first, version);
  if (issue === null)
    throw failed(
      `no issue of ${first}${version === undefined ? '' : ` ${version}`} is recorded in ${issueStoreOptionsOf(config).url}`,
    );
  if (options.json) return printJson(issue);
  const view = terminalView(options.lang);
  const outcome = await outcomeOf(store, issue.issue_id);
  if (options.markdown) print(issueMarkdown(issue, view.texts, outcome));
  else if (options.html) print(issueHtml(issue, view.texts, outcome));
  else
    printView({ issue, outcome }, (plain) =>
      renderIssue(plain.issue, { view, outcome: plain.outcome }),
    );
}

/** The newest issue of a service, of whatever version. */
async function newestOf(store: IssueStore, service: string): Promise<Issue | null> {
  const [newest] = await store.list({ service, limit: 1 });
  return newest === undefined ? null : store.get(newest.issue_id);
}

/** `release-prep list`: the newest issues. */
export async function list(options: {
  service?: string;
  json?: boolean;
  limit: string;
  lang?: string;
  outcomes?: boolean;
}): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw usage('--limit: must be 1 to 1000');
  const store = issueStoreOf(loadConfig());
  const issues = await store.list({
    service: options.service,
    limit,
    onForeign: (reason) => tell(`left out: ${reason}`),
  });
  const view = terminalView(options.lang);
  if (options.outcomes) {
    const released = await releasedOf(store, issues);
    if (options.json) printJson(released.map(({ outcome }) => outcome));
    else printView(released, (plain) => renderOutcomes(plain, view));
  } else if (options.json) printJson(issues);
  else printView(issues, (found) => renderList(found, view));
}

/** Reads at the same time; each is two small reads. */
const AT_ONCE = 8;

/** Those whose release has ended, with their outcome. */
async function releasedOf(store: IssueStore, issues: readonly IssueSummary[]): Promise<Released[]> {
  const atOnce = pLimit(AT_ONCE);
  const found = await Promise.all(
    issues.map(({ issue_id: id }) =>
      atOnce(async () => {
        const outcome = await outcomeOf(store, id);
        const issue = outcome === null ? null : await store.get(id);
        return outcome === null || issue === null ? [] : [{ issue, outcome }];
      }),
    ),
  );
  return found.flat();
}

/** One that is damaged or forged is named, and hides neither its issue nor the others. */
function outcomeOf(store: IssueStore, id: string): Promise<Outcome | null> {
  return store.outcome(id).catch((error: unknown) => {
    if (!(error instanceof UpstreamError) || !error.permanent) throw error;
    tell(`left out: ${error.message}`);
    return null;
  });
}
