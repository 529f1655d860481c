import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sealIssue } from '../../src/adapters/issue-store/seal';
import { EXAMPLES, exampleFiles, exampleIssue, exportFiles, EXPORTS } from './examples';

const issue = exampleIssue();

it.each(Object.entries(exampleFiles(issue)))(
  'docs/examples/issue/%s is what the code renders (npm run examples)',
  (name, content) => {
    expect(readFileSync(path.join(EXAMPLES, name), 'utf8')).toBe(content);
  },
);

it.each(Object.entries(exportFiles(issue)))(
  'docs/examples/exports/%s is what the code exports (npm run examples)',
  (name, content) => {
    expect(readFileSync(path.join(EXPORTS, name), 'utf8')).toBe(content);
  },
);

it('is an issue as it was recorded: its digest fits', () => {
  const { issue_id: id, revision, digest, ...draft } = issue;
  expect(sealIssue(draft, revision)).toMatchObject({ issue_id: id, digest });
});
