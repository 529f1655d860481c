import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { releasePrepBundle } from '../servers/release-worker';

const folder = path.resolve(__dirname, '../histories');
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'));

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
});

it('has a history of each path', () => {
  expect(histories.map((name) => path.basename(name, '.json')).sort()).toEqual(
    expect.arrayContaining(['cancelled', 'happy', 'no-chain', 'no-metrics', 'no-risks', 'refused']),
  );
});

it.each(histories)(
  'replays %s with the current code',
  async (name) => {
    const history: unknown = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
    try {
      await Worker.runReplayHistory({ workflowBundle: await releasePrepBundle() }, history);
    } catch (error) {
      throw new Error(
        `${name}: the flow changed for runs that are under way: guard the change with patched(), ` +
          `then record new histories (npm run histories) beside the old ones. ${String(error)}`,
        { cause: error },
      );
    }
  },
  60_000,
);

it('notices a change of the flow', async () => {
  const text = readFileSync(path.join(folder, 'happy.json'), 'utf8');
  const changed: unknown = JSON.parse(text.replaceAll('"planGrayStrategy"', '"planBatches"'));
  await expect(
    Worker.runReplayHistory({ workflowBundle: await releasePrepBundle() }, changed),
  ).rejects.toThrow(/TMPRL1100|[Nn]on-?determinis/);
}, 60_000);
