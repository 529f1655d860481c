import type { Outcome } from '../../domain/records/outcome';
import type { PastRelease } from '../../domain/release-history';

const RESULT: Record<Outcome['result'], NonNullable<PastRelease['outcome']>> = {
  completed: 'succeeded',
  rolled_back: 'rolled_back',
  aborted: 'aborted',
  needs_person: 'failed',
};

/** What the next preparation learns from an outcome. */
export const lessonsOf = (
  outcome: Outcome,
): Required<Pick<PastRelease, 'outcome' | 'happened' | 'broken' | 'seconds_per_host'>> => ({
  outcome: RESULT[outcome.result],
  happened: outcome.risks.filter(({ happened }) => happened).map(({ type }) => type),
  broken: outcome.rules.filter(({ actual }) => actual.breaches > 0).map(({ rule_id }) => rule_id),
  seconds_per_host: secondsPerHost(outcome),
});

/** The mean over all deploys of a release that succeeded; hosts of a batch are deployed at the same time. */
export function secondsPerHost({ actions }: Outcome): number | null {
  let [seconds, hosts] = [0, 0];
  for (const { type, result, at, ended_at: end, hosts: of = [] } of actions) {
    const took = (Date.parse(end ?? '') - Date.parse(at)) / 1000;
    if (type !== 'deploy' || result !== 'succeeded' || !(took >= 0)) continue;
    seconds += took;
    hosts += of.length;
  }
  return hosts === 0 ? null : seconds / hosts;
}
