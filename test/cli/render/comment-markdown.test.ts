import fc from 'fast-check';
import { marked } from 'marked';
import { commentMarkdown } from '../../../src/cli/render/markdown/comment-markdown';
import { arbitraryIssue, issueWith, sampleIssue } from '../../fixtures/arbitrary-issue';

it('begins with the verdict, and folds the rest', () => {
  const issue = sampleIssue();
  const lines = commentMarkdown(issue).split('\n');
  expect(issue.verdict?.ready).toBe('with_care');
  expect(lines[0]).toBe(`### ⚠️ ${issue.verdict?.sentence}`);
  expect(lines.filter((line) => line.startsWith('<details>')).length).toBeGreaterThanOrEqual(3);
  expect(commentMarkdown(issue)).toContain(issue.digest);
  expect(commentMarkdown(issue)).toContain('<!-- release-prep -->');
});

it('names what is too long for a comment', () => {
  const rules = Array.from({ length: 1_000 }, (_, i) => ({ candidate: `metric_${i}_total` }));
  const batches = Array.from({ length: 50 }, () => ({ hosts: 500, seconds: 60 }));
  const comment = commentMarkdown(issueWith({ groups: [{ name: 'Many', rules }], batches }));
  expect(comment.length).toBeLessThanOrEqual(65_536);
  expect(comment).toMatch(/Rules: \d+ characters, too long for a comment \(release-prep show\)/);
  expect(comment).toContain('<details><summary>Risks</summary>');
});

it('has at most 65,536 characters, and no image, link or mention of others, for any issue', () => {
  fc.assert(
    fc.property(arbitraryIssue, (issue) => {
      const comment = commentMarkdown(issue);
      expect(comment.length).toBeLessThanOrEqual(65_536);
      const html = marked.parse(comment, { async: false });
      expect(html).not.toMatch(/<(img|a|script)\b/i);
      expect(comment.replace(/`[^`]*`/g, '')).not.toMatch(/(^|\s)@\w/m);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 15) },
  );
});
