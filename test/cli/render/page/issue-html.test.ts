import { issueHtml } from '../../../../src/cli/render/page/issue-html';
import { textsOf } from '../../../../src/cli/texts/texts';
import { manyRules } from '../../../fixtures/many-rules';

const page = issueHtml(manyRules(40));
/** What a browser loads or follows; SVG needs no namespace within HTML. */
const LOADS =
  /<(?:script|link|img|iframe|object|embed|base|form|a)\b|\b(?:src|href|srcset|action)=|url\(|@import/i;

it('loads nothing from anywhere and forbids what could', () => {
  expect(page).not.toMatch(LOADS);
  expect(page).toContain("default-src 'none'");
  expect(page).toContain('name="viewport"');
});

it('is smaller than 500 kB for 40 rules', () => {
  expect(Buffer.byteLength(page)).toBeLessThan(500_000);
});

it('shows the verdict first, and for each rule its history, threshold, back-test and expressions', () => {
  expect(page.indexOf('Ready with care')).toBeLessThan(page.indexOf('<h2'));
  expect(page.match(/class="limit"/g)).toHaveLength(40);
  expect(page.match(/fired in 0 of 100 past windows/g)).toHaveLength(40);
  expect(page).toContain('batch 3: <code>max(m{instance=~&quot;10.0.0.1:9100|');
});

it('marks the calls that fail in the graph, and leaves a gap where the history has one', () => {
  expect(page).toContain('class="edge failing"');
  expect(page).toContain('✗ 10 %');
  expect(page).toMatch(/class="band" d="M[^"]*Z M?|class="band" d="M[^"]*ZM/);
});

it('shows a rule without a history without a plot', () => {
  const bare = manyRules(1);
  delete bare.steps[1].details.metrics[0]!.rules[0]!.history;
  expect(issueHtml(bare)).toContain('no history');
});

it('lets no text of the issue become HTML, in any language', () => {
  const hostile = { ...manyRules(1), title: '</title><script>alert(1)</script>"\u202e' };
  hostile.steps[3].details.risks[0]!.reason = '<img src=x onerror=alert(1)>';
  for (const language of ['en', 'zh'] as const) {
    const html = issueHtml(hostile, textsOf(language));
    expect(html).not.toMatch(/<script|<img|\u202e/);
    expect(html).toContain('&lt;script>');
  }
});
