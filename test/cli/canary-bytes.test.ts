import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { toFailure } from '../../src/activities/runtime/typed-failures';
import { UpstreamError } from '../../src/adapters/upstream/upstream-error';
import type { Progress } from '../../src/domain/progress';
import { renderClaim } from '../../src/steps/claims/render-claim';
import { renderProgress } from '../../src/steps/run/progress-details';
import { CANARY, faultsOf, plainAddresses } from '../fixtures/canary-bytes';
import type { Line } from '../fixtures/processes/canary-commands';

jest.setTimeout(300_000);

const CHILD = path.resolve(__dirname, '../fixtures/processes/canary-commands.ts');
let lines: Line[];

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', CHILD], {
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env['PATH'], FORCE_COLOR: '1' },
  });
  lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}, 300_000);

const named = ({ name, form }: Line): string => `${form}, ${name}`;

it('lets none of the planted bytes out, whatever the command, the form and the field', () => {
  const faults = lines.flatMap((line) => [
    ...faultsOf(line.out, line.form).map((fault) => `${named(line)}: ${fault}`),
    // Messages are text for a terminal in every form.
    ...faultsOf(line.err, 'terminal').map((fault) => `${named(line)}, stderr: ${fault}`),
  ]);
  expect(faults).toEqual([]);
});

it('writes JSON that is JSON', () => {
  for (const { form, out } of lines) if (form === 'json' && out !== '') JSON.parse(out);
});

it('breaks addresses and mentions in Markdown', () => {
  const found = lines
    .filter(({ form }) => form === 'markdown')
    .flatMap((line) => plainAddresses(line.out).map((text) => `${named(line)}: ${text}`));
  expect(found).toEqual([]);
});

it('shows canaries in every form, or it would have shown nothing', () => {
  for (const form of ['terminal', 'text', 'json', 'markdown', 'html', 'mermaid'] as const) {
    const shown = lines.filter((line) => line.form === form && /canary/i.test(line.out));
    expect([form, shown.length]).toEqual([form, expect.any(Number)]);
    expect(shown.length).toBeGreaterThan(1);
  }
  expect(lines.filter(({ err }) => /canary/i.test(err)).length).toBeGreaterThan(10);
});

it.each([
  ['an upstream', new UpstreamError('prometheus', CANARY)],
  ['a bug', new Error(CANARY)],
])('leaves nothing in the failure of a run after an error of %s', (_, error) => {
  const { message } = toFailure(error) as Error;
  expect(message).toContain('canary');
  // Temporal's own tools print it.
  expect(faultsOf(message, 'text')).toEqual([]);
});

describe('the texts of the Temporal Web UI', () => {
  const step = (summary: string) => ({ state: 'done' as const, attempt: 1, summary });
  const failed = { activity: 'setThresholds', type: CANARY, message: CANARY };
  const progress = {
    phase: 'waiting',
    steps: { VersionCheck: step(CANARY), RiskPrediction: step(CANARY) },
    waiting: { until: '2026-12-07T00:00:00Z', failed: [{ ...failed, step: CANARY }] },
  } as unknown as Progress;
  const holder = { service: CANARY, version: CANARY, phase: 'preparing', until: null };
  const person = { by: CANARY, reason: CANARY, at: '2026-11-30T00:00:00Z' };
  const claim = {
    holder: { ...holder, workflow_id: CANARY, held_by: CANARY, override: person },
    released: { ...person, holder: { ...holder, workflow_id: CANARY, held_by: CANARY } },
  } as unknown as Parameters<typeof renderClaim>[0];
  const issue = {
    issue_id: 'shop-v1-0-r1',
    digest: `sha256:${'0'.repeat(64)}`,
    expires_at: '2026-12-01T00:00:00Z',
    warnings: [],
    verdict: { ready: 'no' as const, sentence: CANARY, concerns: [{ code: CANARY, text: CANARY }] },
  };
  it.each([
    ['progress', renderProgress(CANARY, progress, { failure: CANARY, issue, todo: [] })],
    ['a claim', renderClaim(claim)],
    ['a claim that was freed', renderClaim({ ...claim, holder: null })],
  ])('of %s hold no markup of others', (_, markdown) => {
    expect(markdown).toContain('canary');
    expect([...faultsOf(markdown, 'markdown'), ...plainAddresses(markdown)]).toEqual([]);
  });
});

it.each([
  ['text', 'a\u001b[2Jb'],
  ['text', '\u001b[31mCANARYRED'],
  ['terminal', 'a\u009bb'],
  ['json', '"\u202e"'],
  ['markdown', '![c](http://canary.example/i.png)'],
  ['markdown', '<img src=x onerror=canary()>'],
  ['markdown', '[c](http://canary.example)'],
  ['html', '<a href="http://canary.example">c</a>'],
  ['html', '<p onclick="canary()">c</p>'],
  ['html', '<script>canary()</script>'],
] as const)('would see in %s: %j', (form, text) => {
  expect(faultsOf(text, form)).not.toEqual([]);
});
