import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { fileOf } from '../histories/folders';
import { EXECUTOR_PATHS, GATE_PATHS, LOCK_PATHS } from '../histories/other-paths';
import { PATHS } from '../histories/paths';
import { RELEASE_PATHS } from '../histories/release-paths';
import { executorBundle, releasePrepBundle } from '../fixtures/processes/release-worker';

/**
 * The replay gate: runs that are under way when a worker is replaced must be able to go on, so the current code has
 * to walk every recorded history as it was walked then (docs/decisions/0013-replay-gate.md).
 */
const ROOT = path.resolve(__dirname, '../histories');
/** Each as `VERSION/GROUP/PATH.json`. */
const histories = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.json'),
);
const EARLIER = 'before-resume/';
type History = {
  events: { workflowExecutionStartedEventAttributes?: { workflowType: { name: string } } }[];
};
const read = (name: string): History =>
  JSON.parse(readFileSync(path.join(ROOT, name), 'utf8')) as History;
const TYPE = 'ReleaseExecutorWorkflow';
const typeOf = ({ events }: History) =>
  events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
/** The sandbox's executor has the type of the reference executor; it takes no activity. */
const isSandbox = (history: History) =>
  typeOf(history) === TYPE && !JSON.stringify(history).includes('"openIssue"');
const bundleOf = (history: History) =>
  isSandbox(history) ? executorBundle() : releasePrepBundle();
const replay = async (history: History) =>
  Worker.runReplayHistory({ workflowBundle: await bundleOf(history) }, history);

/** What to do after a change of the flow; the SDK's own text names the command that differs. */
const advice = (name: string, error: unknown) =>
  `test/histories/${name}: the flow changed for runs that are under way.\n` +
  `Guard the change: if (patched('what-changed')) { the new way } else { the old way }, or give the flow a new ` +
  'workflow type. Then `npm run histories` records the new paths into test/histories/unreleased; folders of ' +
  `versions stay as they are until no run of theirs is left.\n${String(error)}`;

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
});

it('has a history of each path: npm run histories', () => {
  const paths = [PATHS, LOCK_PATHS, GATE_PATHS, EXECUTOR_PATHS, RELEASE_PATHS].flatMap((group) =>
    Object.keys(group),
  );
  // A path counts in whichever version it was recorded last: its flow has not changed since.
  const recorded = histories
    .filter((name) => !name.startsWith(EARLIER))
    .map((name) => name.split('/').slice(1).join('/'));
  expect([...new Set(recorded)].sort()).toEqual(paths.map(fileOf).sort());
});

it('keeps the histories of earlier flows', () => {
  expect(histories.filter((name) => name.startsWith(EARLIER))).toHaveLength(11);
  expect(histories.filter((name) => name.startsWith('0.1.0/'))).toHaveLength(46);
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
    ['0.1.0/completed/happy.json', '"planGrayStrategy"', '"planBatches"'],
    ['0.1.0/resumed/resumed-plan.json', '"recordIssue"', '"writeIssue"'],
    ['0.1.0/parked/parked-and-retried.json', '"setThresholds"', '"setLevels"'],
    ['0.1.0/failed/failed-plan.json', '"traceServiceChain"', '"readChain"'],
    ['unreleased/release/release-completed.json', '"sampleRules"', '"readRules"'],
  ])(
    '%s',
    async (name, from, to) => {
      const changed = JSON.parse(JSON.stringify(read(name)).replaceAll(from, to)) as History;
      await expect(replay(changed)).rejects.toThrow(/TMPRL1100|[Nn]on-?determinis/);
    },
    60_000,
  );
});
