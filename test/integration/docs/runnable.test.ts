import { codeBlocks, markdownFiles } from '../../docs/code-blocks';
import { runToEnd } from '../../fixtures/processes/process';
import { startWorker } from '../../fixtures/processes/product-process';
import { startSmallStack, type SmallStack } from '../../fixtures/stacks/small-stack';

jest.setTimeout(300_000);

const CLI = `${process.cwd()}/dist/src/cli.js`;
/** What a reader's shell has: the installed command under its name. */
const PRELUDE = `set -e\nnpx() { shift; "${process.execPath}" "${CLI}" "$@"; }\n`;

const runnable = markdownFiles()
  .flatMap(codeBlocks)
  .filter(({ marks }) => marks.includes('run'));

let stack: SmallStack;
beforeAll(async () => {
  stack = await startSmallStack({ service: 'user-service' });
}, 400_000);
afterAll(() => stack?.stop());

it('runs the blocks that are marked `sh run`, one after another, beside a worker', async () => {
  expect(runnable.map(({ file }) => file)).toContain('README.md');
  const env = stack.environment({ EXECUTOR_WORKFLOW_TYPE: '' });
  const worker = await startWorker(env);
  try {
    for (const { lines } of runnable) {
      const script = `${PRELUDE}${lines.join('\n')}`;
      const out = await runToEnd('bash', ['-c', script], { env: { ...process.env, ...env } });
      expect(out).not.toBe('');
    }
  } finally {
    await worker.stop();
  }
});
