import { stripVTControlCharacters } from 'node:util';
import { predictRisks } from '../../src/activities/predict-risks';
import { issueMarkdown } from '../../src/cli/render/markdown/markdown';
import { issueHtml } from '../../src/cli/render/page/issue-html';
import { renderIssue } from '../../src/cli/render/issue';
import type { Issue } from '../../src/domain/issue';
import { modelOn, newFolder, stopAll } from '../adapters/model/fixture';
import { issue } from '../fixtures/outcomes';
import { longChain, riskDeps } from '../fixtures/risks/risk-deps';
import { answer, type Call } from '../fixtures/servers/model';

jest.setTimeout(60_000);
afterAll(stopAll);

const release = {
  ...{ service: 'user-service', version: 'v1.1.0', currentVersions: { 'v1.0.0': 7 }, hosts: 7 },
  chain: longChain(6),
};
const ADDED = 'dns-failure';
const worth = { severity: 'high', likelihood: 'high' };

/** One offered risk with facts that exist, and all sorts without: what does not exist, is empty, or is not offered. */
const proposal = {
  risks: [
    {
      ...{ id: ADDED, ...worth, evidence: ['change:minor', 'chain:user-service->service-1'] },
      reason: 'Names <script>of</script> service-1 are asked anew.',
    },
    { id: 'deadlock', ...worth, evidence: ['log:line-7'], reason: 'UNCITED one.' },
    { id: 'permission-change', ...worth, evidence: [], reason: 'UNCITED two.' },
    { id: 'crash-loop', ...worth, evidence: ['nothing'], reason: 'UNCITED three.' },
    { id: 'alien-invasion', ...worth, evidence: ['change:minor'], reason: 'UNCITED four.' },
    {
      ...{ id: 'memory-leak', ...worth, evidence: ['change:minor', 'made:up'] },
      reason: 'Cited in part.',
    },
  ],
};

async function issueOfProposal(): Promise<{ issue: Issue; offered: string[] }> {
  const calls: Call[] = [];
  const { model } = await modelOn((call, response) => {
    calls.push(call);
    answer(call, response, proposal);
  });
  const { result } = await predictRisks(await riskDeps(model, newFolder()), release);
  const [version, metrics, plan] = issue.steps;
  const text = calls.map(({ body }) => body.messages.at(-1)?.content ?? '').join();
  return {
    issue: { ...issue, steps: [version, metrics, plan, result] },
    offered: [ADDED, 'deadlock', 'permission-change'].filter((id) => text.includes(`"${id}"`)),
  };
}

it('takes what is cited, shows reason, facts and document of it, and lets nothing uncited pass', async () => {
  const { issue: made, offered } = await issueOfProposal();
  expect(offered).toEqual([ADDED, 'deadlock', 'permission-change']);
  const { risks, evidence = [], proposal: taken } = made.steps[3].details;
  const known = new Set(evidence.map(({ id }) => id));
  const byType = new Map(risks.map((risk) => [risk.type, risk]));
  expect(byType.get('dns_failure')).toMatchObject({
    model: 'added',
    evidence: ['change:minor', 'chain:user-service->service-1'],
    knowledge: expect.arrayContaining([ADDED]) as string[],
    plan: { repair_observation_time: expect.stringMatching(/^\d+s$/) as string },
  });
  expect([byType.has('deadlock'), byType.has('permission_change')]).toEqual([false, false]);
  expect(byType.get('crash_loop')?.model).toBeUndefined();
  expect(byType.get('memory_leak')).toMatchObject({ model: 'raised', likelihood: 'high' });
  expect(risks.every((risk) => risk.evidence.every((id) => known.has(id)))).toBe(true);
  expect(taken).toEqual({
    ...{ added: 1, raised: 2 },
    dropped: { no_evidence: 3, unknown_evidence: 3, unknown_risk: 1 },
  });

  const shown = {
    markdown: issueMarkdown(made),
    html: issueHtml(made),
    terminal: stripVTControlCharacters(renderIssue(made)),
  };
  for (const text of Object.values(shown)) {
    expect(text).not.toMatch(/UNCITED|alien|made:up|log:line/);
    expect(text).toContain('added by the model, which worded the reason');
    expect(text).toMatch(/risks\/dns-failure\.md/);
  }
  expect(shown.html).not.toContain('<script>');
  expect(shown.html).toContain('Names &lt;script>of&lt;/script> service-1');
  expect(shown.terminal).toMatch(/evidence {2}change:minor: the minor version goes up/);
});
