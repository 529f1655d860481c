import { writeNewFiles } from '../../adapters/files/new-files';
import { withoutSecrets } from '../../adapters/upstream/http';
import { loadConfig, type Config } from '../../config/config';
import type { Issue } from '../../domain/issue';
import { exportIssue, type Exported, type ExportFile } from '../../export/export';
import { TARGETS } from '../../export/targets';
import { EXPORT_TARGETS, PULL_REQUEST } from '../choices';
import { failed, usage } from '../exit-codes';
import { print, tell } from '../print';
import { recordedIssue } from '../recorded-issue';
import { commentMarkdown } from '../render/markdown/comment-markdown';

export type ExportOptions = { to: string; out?: string; force?: boolean };

/**
 * `release-prep export ISSUE_ID | S V --to TARGET`: the plan for another executor, or a comment for a pull request.
 * stdout has the documents (with `--out` the names of the files), stderr what the target cannot carry.
 */
export async function exportTo(
  first: string,
  version: string | undefined,
  { to, out, force }: ExportOptions,
): Promise<void> {
  if (!EXPORT_TARGETS.includes(to))
    throw usage(`--to: must be one of ${EXPORT_TARGETS.join(', ')}, not ${to}`);
  if (force && out === undefined) throw usage('--force: needs --out');
  const config = loadConfig();
  const issue = await recordedIssue(config, first, version);
  const { files, lost } = exportOf(issue, to, config);
  if (out === undefined) print(joined(files));
  else await writeInto(out, files, force);
  for (const text of [...lost, ...warningsOf(issue, new Date())]) tell(`${to}: ${text}`);
}

function exportOf(issue: Issue, to: string, config: Config): Exported {
  if (to === PULL_REQUEST)
    return { files: [{ name: 'pull-request.md', content: commentMarkdown(issue) }], lost: [] };
  const target = TARGETS.find((one) => one === to);
  if (target === undefined) throw usage(`--to: ${to} is not known`);
  try {
    return exportIssue(issue, target, {
      prometheusUrl: addressOf(config.PROMETHEUS_URL),
      serveUrl: addressOf(config.SERVE_BASE_URL),
    });
  } catch (error) {
    if (error instanceof RangeError)
      throw failed(`${to} does not take this plan: ${error.message}`);
    throw error;
  }
}

/** Credentials stay here: what is exported is read by many. */
const addressOf = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : withoutSecrets(new URL(url)).replace(/\/$/, '');

/** Documents of one stream; only YAML of Kubernetes has several. */
const joined = (files: readonly ExportFile[]): string =>
  files.map(({ content }) => content).join('---\n');

async function writeInto(
  folder: string,
  files: readonly ExportFile[],
  force: boolean | undefined,
): Promise<void> {
  let result: Awaited<ReturnType<typeof writeNewFiles>>;
  try {
    result = await writeNewFiles(folder, files, force);
  } catch (error) {
    throw failed(`--out: ${(error as Error).message}`);
  }
  if ('differ' in result)
    throw failed(
      `nothing was written: ${result.differ.join(', ')} differ; give --force to replace`,
    );
  print(result.written.map(({ file, how }) => `${how} ${file}`).join('\n'));
}

/** What a person should know before applying an export. */
function warningsOf({ expires_at: expiresAt, verdict }: Issue, now: Date): string[] {
  return [
    ...(now >= new Date(expiresAt)
      ? [`the issue expired at ${expiresAt}; prepare a new revision`]
      : []),
    ...(verdict?.ready === 'no' ? [`the verdict is no: ${verdict.sentence}`] : []),
  ];
}
