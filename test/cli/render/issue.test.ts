import { stripVTControlCharacters } from 'node:util';
import type { Issue } from '../../../src/domain/issue';
import type { WatchedGroup } from '../../../src/domain/metrics';
import { renderIssue, renderList } from '../../../src/cli/render/issue';
import { issueMarkdown } from '../../../src/cli/render/markdown/markdown';
import { columnsOf } from '../../../src/cli/render/terminal-text';
import { ENGLISH, textsOf } from '../../../src/cli/texts/texts';
import { issue } from '../../fixtures/outcomes';

const [version, metrics, plan, risks] = issue.steps;
const base = metrics.details.metrics[0] as WatchedGroup;
const relative = {
  expr: 'batch / others',
  host_label: 'instance',
  op: '>' as const,
  ratio: 1.5,
  for: '300s',
  backtest: { windows: 10, fired: 0 },
  batches: [{ batch_id: 1, expr: 'max(m{instance=~"a"}) / max(m{instance=~"b"})' }],
};
const weak = { judgeable: 'weak' as const, remedy: 'only 4 samples of history' };
const batch = plan.details.gray_strategy.batches[0]!;
const judgement = {
  by: 'weak' as const,
  reason: 'traffic is not measured',
  requests_needed: 667,
  requests_expected: null,
  limited_by: 'policy' as const,
  rules: { judgeable: 1, weak: 0, blind: 0 },
};
/** An issue in which each part has something that was once only in the JSON. */
const full: Issue = {
  ...issue,
  steps: [
    version,
    {
      ...metrics,
      details: {
        ...metrics.details,
        metrics: [{ ...base, rules: base.rules.map((rule) => ({ ...rule, ...weak, relative })) }],
      },
    },
    {
      ...plan,
      details: {
        ...plan.details,
        gray_strategy: {
          ...plan.details.gray_strategy,
          batches: [{ ...batch, judgement }],
          notes: ['no fault domain is known: the hosts may all fail together'],
          unchecked: ['fault_domains'],
        },
      },
    },
    {
      ...risks,
      details: {
        ...risks.details,
        risks: risks.details.risks.map((risk) => ({ ...risk, watch: ['Memory', 'GC'] })),
        chain: {
          ...risks.details.chain,
          status: 'partial',
          truncated: ['sampled'],
          downstream: [{ service: 'pricing', hops: 1 }],
          edges: [
            {
              caller: 'user-service',
              callee: 'pricing',
              via: 'sync',
              calls: 120,
              errors: 12,
              scale: 1,
            },
          ],
        },
      },
    },
  ],
  warnings: ['a', 'b', 'c'].map((name) => ({
    step_name: 'MetricAnalysis' as const,
    code: 'WeakRule',
    message: `${name} is weak: only 4 samples of history`,
  })),
};
const terminal = (width: number, language: 'en' | 'zh' = 'en') =>
  stripVTControlCharacters(renderIssue(full, { view: { texts: textsOf(language), width } }));
const unescaped = (markdown: string) => markdown.replace(/\\(.)/g, '$1').replaceAll('&gt;', '>');

const IMPORTANT = [
  'Ready with care: 1 batch, 10 min; 12 of 120 calls from user-service to pricing fail (10 %)',
  'no judgeable rule watches errors, latency, traffic',
  'no fault domain of the hosts is known',
  'traffic is not measured',
  'no fault domain is known: the hosts may all fail together',
  'max(process_resident_memory_bytes{service="user-service"})',
  'fires when batch / others > 1.5 for 5 min',
  'in batch 1',
  'weak: only 4 samples of history',
  'GC: no metric (watched by memory_leak)',
  'GC (no metric)',
  'only sampled traces were stored',
  'MetricAnalysis WeakRule (3): a is weak, b is weak, c is weak: only 4 samples of history',
];

it.each(IMPORTANT)('shows on a terminal and in Markdown: %s', (text) => {
  expect(terminal(Infinity)).toContain(text);
  expect(unescaped(issueMarkdown(full))).toContain(text);
});

it('puts the verdict right below the title', () => {
  expect(terminal(80).split('\n')[1]).toMatch(/^Ready with care/);
  expect(issueMarkdown(full).split('\n')[2]).toMatch(/^\*\*Ready with care/);
});

it.each([40, 80, 120, 200])('is nowhere wider than a terminal of %s columns', (width) => {
  for (const language of ['en', 'zh'] as const) {
    const wide = terminal(width, language)
      .split('\n')
      .filter((line) => columnsOf(line) > width);
    expect(wide).toEqual([]);
  }
});

it('lists issues as a table on a terminal, and tab-separated without a head in a pipe', () => {
  const { issue_id, service, candidate, revision, created_at, expires_at, title } = issue;
  const one = {
    issue_id,
    service,
    candidate,
    revision,
    created_at,
    expires_at,
    title,
    warnings: 2,
  };
  expect(renderList([one], { texts: ENGLISH, width: Infinity })).toBe(
    [issue_id, service, candidate, '1', created_at, '2'].join('\t'),
  );
  expect(renderList([one], { texts: ENGLISH, width: 80 })).toMatch(/^issue /);
  expect(renderList([], { texts: ENGLISH, width: Infinity })).toBe('');
});

it('speaks Chinese where it has words for it, and says what stays English', () => {
  const text = terminal(120, 'zh');
  expect(text).toContain(
    '可以发布，但须留意：共 1 个批次，约需 10 分钟；发布前，user-service 调用 pricing',
  );
  expect(text).toContain('判定规则');
  expect(text).toContain('保留英文原文');
});

describe('the chain of an issue', () => {
  const call = (caller: string, callee: string) => ({
    ...{ caller, callee, via: 'sync' as const, calls: 790, errors: 0, scale: 1 },
  });
  const drawn = (chain: Partial<typeof risks.details.chain>) =>
    stripVTControlCharacters(
      renderIssue(
        {
          ...issue,
          steps: [
            version,
            metrics,
            plan,
            {
              ...risks,
              details: { ...risks.details, chain: { ...risks.details.chain, ...chain } },
            },
          ],
        },
        { view: { texts: ENGLISH, width: 120 } },
      ),
    );

  it('draws the stores that the service calls', () => {
    const text = drawn({
      edges: [call('user-service', 'user-db')],
      nodes: [{ id: 'user-db', kind: 'unresolved' }],
    });
    expect(text).toMatch(
      /└─ user-db +sync · 790 calls · 0 % errors \(unresolved, which service is not known\)/,
    );
  });

  it('draws them for an issue that was recorded without its nodes', () => {
    const text = drawn({ edges: [call('user-service', 'user-db')] });
    expect(text).toMatch(/└─ user-db +sync · 790 calls · 0 % errors \(external\)/);
    expect(text.match(/none seen/g)).toHaveLength(1);
  });
});
