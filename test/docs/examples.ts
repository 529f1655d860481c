/** Writes docs/examples/issue and docs/examples/exports from issue.json: `npm run examples`. test/docs/examples.test.ts fails when they are stale. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Issue } from '../../src/domain/issue';
import { renderIssue } from '../../src/cli/render/issue';
import { issueMarkdown } from '../../src/cli/render/markdown/markdown';
import { commentMarkdown } from '../../src/cli/render/markdown/comment-markdown';
import { issueHtml } from '../../src/cli/render/page/issue-html';
import { exportIssue } from '../../src/export/export';
import { TARGETS } from '../../src/export/targets';
import { textsOf } from '../../src/cli/texts/texts';

export const EXAMPLES = path.resolve(__dirname, '../../docs/examples/issue');
export const EXPORTS = path.resolve(EXAMPLES, '../exports');
/** Of the terminal in the example. */
const WIDTH = 100;

/** The issue that a demo recorded: `npm run -s demo -- --prometheus stand-in --json > docs/examples/issue/issue.json`. */
export const exampleIssue = (): Issue =>
  Issue.parse(JSON.parse(readFileSync(path.join(EXAMPLES, 'issue.json'), 'utf8')));

/** File name → content. */
export function exampleFiles(issue: Issue): Record<string, string> {
  const [english, chinese] = [textsOf('en'), textsOf('zh')];
  const terminal = (texts: typeof english) =>
    `${stripVTControlCharacters(renderIssue(issue, { plans: 2, view: { texts, width: WIDTH } }))}\n`;
  return {
    'issue.html': issueHtml(issue, english),
    'issue.md': issueMarkdown(issue, english),
    'terminal.txt': terminal(english),
    'issue.zh.html': issueHtml(issue, chinese),
    'terminal.zh.txt': terminal(chinese),
  };
}

/** The issue in the forms of other executors: file name → content. */
export function exportFiles(issue: Issue): Record<string, string> {
  const options = {
    prometheusUrl: 'http://prometheus.example.com:9090',
    serveUrl: 'https://release-prep.example.com',
  };
  const files = TARGETS.flatMap((target) => exportIssue(issue, target, options).files);
  return {
    ...Object.fromEntries(files.map(({ name, content }) => [name, content])),
    'pull-request.md': commentMarkdown(issue),
  };
}

if (require.main === module) {
  mkdirSync(EXPORTS, { recursive: true });
  for (const [name, content] of Object.entries(exportFiles(exampleIssue())))
    writeFileSync(path.join(EXPORTS, name), content);
  for (const [name, content] of Object.entries(exampleFiles(exampleIssue())))
    writeFileSync(path.join(EXAMPLES, name), content);
}
