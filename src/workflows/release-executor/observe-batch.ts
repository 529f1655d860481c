import { foreignChange, unhealthyOf } from '../../steps/execution/fleet';
import { lookEvery, neverJudged } from '../../steps/execution/sampling';
import { activities } from './executor-activities';
import { pauseOrMessage } from './host-change';
import { judgeRules } from './judge-rules';
import { answerProven } from './proven-fault';
import type { Release } from './release';
import { show } from './show';
import { orStop, stopForPerson } from './stop';

/** Hosts are read again so often while a batch is observed. */
const FLEET_EVERY_MS = 60_000;

/**
 * One look at a batch: waits, samples the rules, and has the guard judge them. A breach is answered by the flow;
 * missing data stop the release for a person once they cannot be late any more.
 */
export const observeBatch = (release: Release): Promise<void> =>
  orStop(release, async () => {
    const { record, issue } = release;
    const repaired =
      (record.state.batches[record.state.batches.length - 1]?.repairs.length ?? 0) > 0;
    release.enter(repaired ? 'repairing' : 'observing');
    show(release);
    if (await pauseOrMessage(release, lookEvery(issue, record.state))) return;
    const now = await release.tick();
    if (now - (record.fleetSeenAt ?? 0) >= FLEET_EVERY_MS && (await hostsChanged(release))) return;
    const proven = await judgeRules(release);
    // A breach of a level is answered first.
    if (proven !== undefined && release.next().do !== 'answer')
      return answerProven(release, proven);
    const stuck = neverJudged(issue, record.state, release.now());
    if (stuck !== undefined) stopForPerson(release, stuck);
  });

/** Whether another hand changed hosts, or released hosts fell ill: twice in a row, since one look may be a blip. */
async function hostsChanged(release: Release): Promise<boolean> {
  const { record, issue } = release;
  const fleet = await activities.readFleet.executeWithOptions({ summary: 'hosts' }, [
    { service: issue.service },
  ]);
  const { released } = record.state;
  const foreign = foreignChange({ issue, released }, fleet);
  if (foreign !== undefined) {
    stopForPerson(release, foreign);
    return true;
  }
  const sick = unhealthyOf(released, fleet);
  const again = sick !== undefined && record.sick === true;
  record.sick = sick !== undefined;
  // After a bad look the next one is soon.
  record.fleetSeenAt = sick === undefined ? release.now() : 0;
  if (sick === undefined || !again) return false;
  record.sick = false;
  stopForPerson(release, sick);
  return true;
}
