import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { EXECUTOR_PATHS, GATE_PATHS, LOCK_PATHS } from '../histories/other-paths';
import { PATHS } from '../histories/paths';
import { executorBundle, releasePrepBundle } from '../fixtures/processes/release-worker';

/**
 * The replay gate: runs that are under way when a worker is replaced must be able to go on, so the current code has
 * to walk every recorded history as it was walked then (docs/decisions/0013-replay-gate.md).
 */
const ROOT = path.resolve(__dirname, '../histories');
const folders = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const histories = folders.flatMap((folder) =>
  readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}`),
);
type History = {
  events: { workflowExecutionStartedEventAttributes?: { workflowType: { name: string } } }[];
};
const read = (name: string): History =>
  JSON.parse(readFileSync(path.join(ROOT, name), 'utf8')) as History;
const typeOf = ({ events }: History) =>
  events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
const bundleOf = (history: History) =>
  typeOf(history) === 'ReleaseExecutorWorkflow' ? executorBundle() : releasePrepBundle();
const replay = async (history: History) =>
  Worker.runReplayHistory({ workflowBundle: await bundleOf(history) }, history);

/** What whoever changed the flow has to know; the SDK's own text says which command differs. */
const advice = (name: string, error: unknown) =>
  `test/histories/${name}: the flow changed for runs that are under way.\n` +
  `Guard the change: if (patched('what-changed')) { the new way } else { the old way }, or give the flow a new ` +
  'workflow type. Then `npm run histories` records the new paths into test/histories/unreleased; folders of ' +
  `versions stay as they are until no run of theirs is left.\n${String(error)}`;

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
});

it('has a history of each path of the current flow: npm run histories', () => {
  const paths = [PATHS, LOCK_PATHS, GATE_PATHS, EXECUTOR_PATHS].flatMap((group) =>
    Object.keys(group),
  );
  const recorded = readdirSync(path.join(ROOT, 'unreleased'));
  expect(recorded.sort()).toEqual(paths.map((name) => `${name}.json`).sort());
});

it('keeps the histories of earlier flows', () => {
  expect(histories.filter((name) => name.startsWith('before-resume/'))).toHaveLength(11);
});

it.each(histories)(
  'replays %s with the current code',
  async (name) => {
    await replay(read(name)).catch((error: unknown) => {
      throw new Error(advice(name, error), { cause: error });
    });
  },
  60_000,
);

describe('notices a change of the flow', () => {
  it.each([
    ['unreleased/happy.json', '"planGrayStrategy"', '"planBatches"'],
    ['unreleased/resumed-plan.json', '"recordIssue"', '"writeIssue"'],
    ['unreleased/parked-and-retried.json', '"setThresholds"', '"setLevels"'],
    ['unreleased/failed-plan.json', '"traceServiceChain"', '"readChain"'],
  ])(
    '%s',
    async (name, from, to) => {
      const changed = JSON.parse(JSON.stringify(read(name)).replaceAll(from, to)) as History;
      await expect(replay(changed)).rejects.toThrow(/TMPRL1100|[Nn]on-?determinis/);
    },
    60_000,
  );
});
