import { renderProgress } from '../../../src/steps/run/progress-details';
import type { Progress } from '../../../src/domain/progress';

const progress: Progress = {
  phase: 'analysing',
  steps: {
    VersionCheck: { state: 'done', attempt: 1, summary: 'No conflict detected' },
    RiskPrediction: { state: 'running', attempt: 1 },
    MetricAnalysis: { state: 'failed', attempt: 1, summary: 'a|b <img src=x> [l](http://e)' },
    ReleasePlan: { state: 'pending', attempt: 0 },
  },
};

it('shows each step in a table row', () => {
  const text = renderProgress('Release Preparation - s v1', progress);
  expect(text).toContain('| ✓ | VersionCheck | done | No conflict detected |');
  expect(text).toContain('| … | RiskPrediction | running |  |');
});

it('keeps outside text from becoming Markdown or HTML', () => {
  const text = renderProgress('<script>', progress);
  expect(text).toContain('&lt;script&gt;');
  expect(text).toContain('a\\|b &lt;img src=x&gt; \\[l\\](http\\[:\\]//e)');
});

it('keeps backticks of a name inside of the command', () => {
  const command = 'release-prep resume a```b';
  const text = renderProgress('t', progress, { todo: [{ when: 'mended', command }] });
  expect(text).toContain(`- mended: \`\`\`\` ${command} \`\`\`\``);
});

it('ends with the issue, its digest and at most 20 warnings', () => {
  const warnings = Array.from({ length: 25 }, (_, i) => ({
    step_name: 'MetricAnalysis' as const,
    code: 'BlindRule',
    message: `warning ${i}`,
  }));
  const issue = {
    issue_id: 'i-1',
    digest: 'sha256:00',
    expires_at: '2026-01-01T00:00:00Z',
    warnings,
  };
  const text = renderProgress('t', progress, { issue });
  expect(text).toContain('`i-1`');
  expect(text).toContain('and 5 more');
});

it('says of a parked run what failed, why, until when it waits, and what to run', () => {
  const failed = {
    activity: 'setThresholds',
    step: 'MetricAnalysis' as const,
    type: 'X',
    message: 'a|b',
  };
  const text = renderProgress(
    't',
    {
      ...progress,
      phase: 'waiting',
      waiting: { since: 's', until: '2026-01-08', failed: [failed] },
    },
    { todo: [{ when: 'when it is mended', command: "release-prep retry 's' 'v1'" }] },
  );
  expect(text).toContain('**Waits for a retry** until 2026-01-08, then the run fails.');
  expect(text).toContain('It keeps its claim');
  expect(text).toContain('- setThresholds (MetricAnalysis), X: a\\|b');
  expect(text).toContain("- when it is mended: `` release-prep retry 's' 'v1' ``");
});

it('begins with the verdict and lists its concerns in place of the warnings', () => {
  const verdict = {
    ready: 'with_care' as const,
    sentence: 'Ready with care: 3 batches, 1 h 46 min; 1 host was left out',
    concerns: [{ code: 'HostsLeftOut', text: '1 host was left out: <b>node-7</b>' }],
  };
  const issue = {
    ...{ issue_id: 'i-1', digest: 'sha256:00', expires_at: '2026-11-30T12:00:00Z', verdict },
    warnings: [{ step_name: 'ReleasePlan' as const, code: 'HostExcluded', message: 'left out' }],
  };
  const text = renderProgress('t', { ...progress, phase: 'prepared' }, { issue });
  expect(text).toContain('**Ready with care: 3 batches, 1 h 46 min; 1 host was left out**');
  expect(text).toContain('- 1 host was left out: &lt;b&gt;node-7&lt;/b&gt;');
  expect(text).not.toContain('ReleasePlan: left out');
});
