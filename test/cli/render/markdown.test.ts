import { stripVTControlCharacters } from 'node:util';
import { issueMarkdown } from '../../../src/cli/render/markdown/markdown';
import { issueHtml } from '../../../src/cli/render/page/issue-html';
import { renderIssue, renderList } from '../../../src/cli/render/issue';
import { ENGLISH } from '../../../src/cli/texts/texts';
import { issue } from '../../fixtures/outcomes';

const hostile = {
  ...issue,
  title: '<script>alert(1)</script> | **x** [l](javascript:alert(1))',
  warnings: [
    { step_name: 'MetricAnalysis' as const, code: 'BlindRule', message: '<img src=x onerror=y>' },
  ],
};

it('shows steps, batches, metrics, risks and warnings', () => {
  const text = issueMarkdown(issue);
  expect(text).toContain('| Hosts and version | complete | No conflict detected |');
  expect(text).toContain('bj1-node-001');
  expect(text).toContain('&gt; 1GB');
  expect(text).toContain('memory\\_leak');
  expect(renderIssue(issue)).toContain('memory_leak');
});

it('says what around the service is not watched', () => {
  const [version, metrics, gray, risks] = issue.steps;
  const details = { ...metrics.details, unwatched: ['<b>cart</b>: no metric'] };
  const around = { ...issue, steps: [version, { ...metrics, details }, gray, risks] as never };
  expect(issueMarkdown(around)).toContain('- not watched: &lt;b&gt;cart&lt;/b&gt;: no metric');
});

const plan = {
  steps: ['Take a heap profile', 'Restart <b>one</b> host'],
  not_when: ['It grew before | see https://evil.example/x'],
  repair_observation_time: '1800s',
};
const [version, metrics, gray, risks] = issue.steps;
const planned = {
  ...issue,
  steps: [
    ...[version, metrics, gray],
    {
      ...risks,
      details: {
        ...risks.details,
        evidence: [{ id: 'version:v1.0.0->v1.1.0', says: 'v1.0.0 is replaced by v1.1.0' }],
        risks: risks.details.risks.map((risk) => ({ ...risk, plan, model: 'raised' as const })),
      },
    },
  ] as typeof issue.steps,
};

it('shows the handling plan of each risk in Markdown, HTML and on a terminal', () => {
  const markdown = issueMarkdown(planned);
  expect(markdown).toContain('| memory\\_leak | high | medium | restart | 30 min | Memory |');
  expect(markdown).toContain('### memory\\_leak: restart, then observe for 30 min');
  expect(markdown).toContain('1. Take a heap profile\n2. Restart &lt;b&gt;one&lt;/b&gt; host');
  expect(markdown).toContain('- not when: It grew before');
  expect(markdown).toContain('- document: risks/memory-leak.md; raised by the model');
  expect(markdown).toContain('| version:v1.0.0-&gt;v1.1.0 | v1.0.0 is replaced by v1.1.0 |');
  const html = issueHtml(planned);
  expect(html).toMatch(/<ol>\s*<li>Take a heap profile<\/li>/);
  expect(html).not.toMatch(/<b>|<a /);
  const terminal = stripVTControlCharacters(renderIssue(planned));
  expect(terminal).toMatch(
    /memory_leak {2}high, likelihood medium\n {2}why .*\n {2}plan {6}restart, then observe for 30 min/,
  );
  expect(terminal).toMatch(/not when {2}It grew before/);
});

it('lets no outside text become HTML, a link or a table cell', () => {
  const html = issueHtml(hostile);
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('<img');
  expect(html).not.toMatch(/<a [^>]*javascript:/);
  expect(html).toContain('&lt;script&gt;');
});

it('says so when there are no issues', () => {
  expect(renderList([], { texts: ENGLISH, width: 80 })).toBe('no issues');
});
