import { issueHtml, issueMarkdown } from '../../src/cli/markdown';
import { renderIssue, renderList } from '../../src/cli/render';
import { issue } from '../fixtures/outcomes';

const hostile = {
  ...issue,
  title: '<script>alert(1)</script> | **x** [l](javascript:alert(1))',
  warnings: [
    { step_name: 'MetricAnalysis' as const, code: 'BlindRule', message: '<img src=x onerror=y>' },
  ],
};

it('shows steps, batches, metrics, risks and warnings', () => {
  const text = issueMarkdown(issue);
  expect(text).toContain('| VersionCheck | success | No conflict detected |');
  expect(text).toContain('bj1-node-001');
  expect(text).toContain('&gt; 1GB');
  expect(text).toContain('memory\\_leak');
  expect(renderIssue(issue)).toContain('memory_leak');
});

it('lets no outside text become HTML, a link or a table cell', () => {
  const html = issueHtml(hostile);
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('<img');
  expect(html).not.toMatch(/<a [^>]*javascript:/);
  expect(html).toContain('&lt;script&gt;');
});

it('says so when there are no issues', () => {
  expect(renderList([])).toBe('no issues');
});
