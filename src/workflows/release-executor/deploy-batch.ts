import { isCancellation, sleep } from '@temporalio/workflow';
import type { ExecutionReason } from '../../domain/execution/execution';
import type { Next } from '../../guard/guard';
import { batchesOf, deployTimeoutOf } from '../../steps/execution/executable-issue';
import { foreignChange, namedHosts, notRunning, unhealthyOf } from '../../steps/execution/fleet';
import { setHosts } from '../../steps/execution/release-record';
import { stepOf } from '../../steps/execution/sampling';
import { activities } from './executor-activities';
import { changeHosts, type ChangeEnd } from './host-change';
import type { Release } from './release';
import { rollBack } from './roll-back';
import { show } from './show';
import { orStop, reasonOf, stopForPerson } from './stop';

type Deploy = Extract<Next, { do: 'deploy' }>;

/** Hosts that flap are healthy at one look and not at the next: so many looks in a row have to agree. */
const STEADY_LOOKS = 2;
const LOOK_MS = 5_000;
const DAY_MS = 86_400_000;

/** Looks at hosts and freezes once more, deploys a batch, and waits until each of its hosts runs the candidate. */
export const deployBatch = (release: Release, deploy: Deploy): Promise<void> =>
  orStop(release, async () => {
    const obstacle = await lookAgain(release, deploy);
    if (obstacle !== undefined) return stopForPerson(release, obstacle);
    // Something may have been said during the look.
    if (release.next().do !== 'deploy') return;
    const { batch_id, host_ids, version } = deploy;
    const { record, issue } = release;
    release.enter('deploying');
    const timeoutMs = deployTimeoutOf(issue);
    const deadline = release.now() + timeoutMs;
    const wish = { type: 'deploy', batch_id, host_ids, version } as const;
    const summary = `batch ${batch_id}: ${version} to ${hostCount(host_ids)}`;
    let began = '';
    const deployed = changeHosts(release, wish, {
      ...{ timeoutMs, summary },
      begun: (at) => {
        began = at;
        release.act(wish, summary);
        setHosts(record, host_ids, 'deploying');
        record.batches.push({
          ...{
            batch_id,
            deployed_at: at,
            observed_until: null,
            hosts: [...host_ids],
            verdicts: {},
          },
        });
        show(release);
      },
    });
    // What a request without an answer did is not known: such a batch goes back too.
    const fault = await deployed
      .then((ended) => settled(release, deploy, ended, deadline))
      .catch((error: unknown) => unknownEnd(batch_id, error));
    await release.tick();
    record.fleetSeenAt = 0;
    release.add({ ...release.withDigest(wish), at: began, ended_at: release.isoNow() });
    const batch = record.batches[record.batches.length - 1];
    if (batch !== undefined) batch.deployed_at = release.isoNow();
    if (fault === undefined) {
      setHosts(record, host_ids, 'released');
      release.note('deployed', `batch ${batch_id}: each host runs ${version} and is healthy`);
      return;
    }
    setHosts(record, host_ids, 'failed');
    release.note('deploy_failed', fault.text);
    if (!release.isAborted()) await rollBack(release, fault);
  });

async function lookAgain(
  { issue, record, note, add, tick, isoNow }: Release,
  { host_ids: hosts }: Deploy,
): Promise<ExecutionReason | undefined> {
  const fleet = await activities.readFleet.executeWithOptions(
    { summary: 'hosts before the deploy' },
    [{ service: issue.service }],
  );
  const { policy } = issue.steps[2].details.gray_strategy;
  const planned = batchesOf(issue).reduce((sum, batch) => sum + batch.hosts.length, 0);
  const begins = record.state.batches.length === 0 ? { version: issue.candidate } : undefined;
  const freeze = await activities.readFreeze({
    ...{ service: issue.service, hosts: planned, policy },
    ...(begins && { begins }),
  });
  const now = await tick();
  if (freeze !== null) {
    // The guard waits for its end; one without an end is looked at again after a day.
    const until = freeze.until ?? new Date(now + DAY_MS).toISOString();
    add({ type: 'freeze', at: isoNow(), until, reason: freeze.reason });
    note('freeze', `${freeze.reason}, until ${until}`);
    return undefined;
  }
  return (
    foreignChange({ issue, released: record.state.released }, fleet) ?? unhealthyOf(hosts, fleet)
  );
}

/** Until all hosts run the candidate in health, steadily; else what is wrong at the deadline. */
async function settled(
  { issue, record, tick }: Release,
  { batch_id: id, host_ids: hosts, version }: Deploy,
  ended: ChangeEnd,
  deadline: number,
): Promise<ExecutionReason | undefined> {
  const fault = (why: string): ExecutionReason => ({
    code: 'DeployFailed',
    text: `batch ${id}: ${why}`,
    source: 'release-system',
  });
  if (ended.end !== 'succeeded')
    return fault(
      ended.end === 'late'
        ? 'the deployment did not end in time'
        : `failed: ${ended.text || 'no reason given'}`,
    );
  for (let steady = 0; ;) {
    const fleet = await activities.readFleet.executeWithOptions(
      { summary: `do the hosts of batch ${id} run ${version}?` },
      [{ service: issue.service }],
    );
    const open = notRunning(hosts, version, fleet);
    steady = open.length === 0 ? steady + 1 : 0;
    if (steady >= STEADY_LOOKS) return undefined;
    if ((await tick()) >= deadline)
      return fault(`not running ${version} in health at the deadline: ${namedHosts(open)}`);
    await sleep(Math.min(LOOK_MS, stepOf(issue, record.state)));
  }
}

function unknownEnd(id: number, error: unknown): ExecutionReason {
  if (isCancellation(error)) throw error;
  const { code, text } = reasonOf(error);
  return { code: 'DeployFailed', text: `batch ${id}: ${code}: ${text}`, source: 'release-system' };
}

const hostCount = (hosts: readonly string[]): string =>
  hosts.length === 1 ? '1 host' : `${hosts.length} hosts`;
