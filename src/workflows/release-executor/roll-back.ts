import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { ExecutionReason } from '../../domain/execution/execution';
import { deployTimeoutOf } from '../../steps/execution/executable-issue';
import {
  namedHosts,
  notRunning,
  rollbackGroups,
  type HostGroup,
} from '../../steps/execution/fleet';
import { setHosts } from '../../steps/execution/release-record';
import { stepOf } from '../../steps/execution/sampling';
import { activities } from './executor-activities';
import { changeHosts } from './host-change';
import type { Release } from './release';
import { show } from './show';
import { reasonOf } from './stop';
import { tellPeople } from './tell-people';

/** How long somebody has to see to hosts that a rollback did not reach. */
const PERSON_LIMIT_MS = 7 * 86_400_000;
const LOOK_MS = 5_000;

/**
 * Puts every released host back to what it ran at verification, all at once. It finishes even if the workflow is
 * cancelled. Hosts that it does not reach are listed and need a person, who may have it tried again.
 */
export function rollBack(release: Release, reason?: ExecutionReason): Promise<void> {
  return CancellationScope.nonCancellable(async () => {
    const { record } = release;
    record.rollbackReason ??= reason ?? record.reason;
    for (;;) {
      if (record.state.released.length === 0) return;
      release.enter('rolling_back', record.rollbackReason);
      show(release);
      const left = await tryRollBack(release);
      if (left.hosts.length === 0) {
        record.left = undefined;
        return;
      }
      if (!(await personWantsAnother(release, left))) return;
    }
  });
}

type Left = { hosts: string[]; why: string };

/** One try. What is left are hosts without a target, and hosts that do not run theirs in health at the deadline. */
async function tryRollBack(release: Release): Promise<Left> {
  const { record, issue } = release;
  await release.tick();
  try {
    const fleet = await activities.readFleet.executeWithOptions(
      { summary: 'hosts before the rollback' },
      [{ service: issue.service }],
    );
    const { groups, back, unknown } = rollbackGroups(issue, record.state.released, fleet);
    for (const group of back) isBack(release, group);
    const tries = await Promise.all(groups.map((group) => rollGroupBack(release, group)));
    const failed = tries.filter(({ hosts }) => hosts.length > 0);
    return {
      hosts: [...unknown, ...failed.flatMap(({ hosts }) => hosts)],
      why: [
        ...(unknown.length > 0 ? [`${namedHosts(unknown)}: ${noTarget(issue)}`] : []),
        ...failed.map(({ why }) => why),
      ].join('; '),
    };
  } catch (error) {
    return { hosts: [...record.state.released], why: reasonOf(error).text };
  }
}

const noTarget = ({ not_targets: not = {} }: Release['issue']): string => {
  const failed = Object.keys(not);
  return failed.length === 0
    ? 'it is not known what they ran before'
    : `no version to go back to; the last release of ${failed.join(', ')} was aborted or rolled back`;
};

async function rollGroupBack(release: Release, { version, host_ids }: HostGroup): Promise<Left> {
  const { record, issue } = release;
  const timeoutMs = deployTimeoutOf(issue);
  const deadline = release.now() + timeoutMs;
  const wish = { type: 'rollback', host_ids, version } as const;
  const verdict = release.check(wish);
  if (!verdict.allowed) return { hosts: host_ids, why: `${verdict.code}: ${verdict.message}` };
  const summary = `${host_ids.length} back to ${version}`;
  setHosts(record, host_ids, 'rolling_back');
  let why = '';
  try {
    const ended = await changeHosts(release, wish, { timeoutMs, summary, begun: () => undefined });
    why =
      ended.end === 'succeeded' ? '' : `the deployment of ${version} ${ended.end}: ${ended.text}`;
  } catch (error) {
    why = reasonOf(error).text;
  }
  // Whatever the answers said: what counts is what the hosts run.
  const open = await notBack(release, { version, host_ids }, why === '' ? deadline : release.now());
  const done = host_ids.filter((id) => !open.includes(id));
  if (done.length > 0) isBack(release, { version, host_ids: done });
  setHosts(record, open, 'failed');
  return {
    hosts: open,
    why: open.length === 0 ? '' : why || `${namedHosts(open)}: not healthy on ${version}`,
  };
}

/** Hosts that do not run their old version in health when the time is over. */
async function notBack(
  { issue, record, tick }: Release,
  { version, host_ids }: HostGroup,
  deadline: number,
): Promise<string[]> {
  for (;;) {
    const fleet = await activities.readFleet.executeWithOptions(
      { summary: `do the hosts run ${version} again?` },
      [{ service: issue.service }],
    );
    const open = notRunning(host_ids, version, fleet);
    if ((await tick()) >= deadline || open.length === 0) return open;
    await sleep(Math.min(LOOK_MS, stepOf(issue, record.state)));
  }
}

function isBack(release: Release, { version, host_ids }: HostGroup): void {
  const wish = { type: 'rollback', host_ids, version } as const;
  release.act(wish, `${namedHosts(host_ids)} back on ${version}`);
  setHosts(release.record, host_ids, 'rolled_back');
}

/** Waits for somebody who has the rollback tried again, or leaves it. */
async function personWantsAnother(release: Release, { hosts, why }: Left): Promise<boolean> {
  const { record } = release;
  record.left = hosts;
  record.decided = undefined;
  release.enter('needs_person', {
    code: 'RollbackFailed',
    text: `not back on their version: ${namedHosts(hosts)}. ${why}`,
    source: 'release-system',
  });
  release.note('rollback_failed', record.reason?.text ?? why);
  show(release);
  tellPeople(release, 'rollout.stopped');
  const decided = () => record.decided;
  await condition(() => decided() !== undefined, PERSON_LIMIT_MS);
  return decided() === 'retry';
}
