import type { Batch, ReleasePlanDetails } from '../../domain/release-plan';
import type { Concern } from '../../domain/issue-verdict';
import type { VersionCheckDetails } from '../../domain/version-check';
import { formatDuration } from '../text/format-duration';
import { parseSeconds } from '../text/parse-seconds';
import { CONCERN, concern, counted } from './concern';
import { ranges } from './rule-concerns';

/** A release that takes longer leaves two versions side by side over a night: one working day. */
const LONG_RELEASE_SECONDS = 8 * 3600;

/** Whether batches are long enough to be judged, what the plan could not take into account, and its length. */
export function planConcerns({ gray_strategy: plan }: ReleasePlanDetails): Concern[] {
  const unchecked = new Set(plan.unchecked ?? []);
  const total = parseSeconds(plan.total_time);
  const duration = formatDuration(total);
  return [
    ...observationConcerns(plan.batches),
    ...leftOut(plan.excluded_hosts.length),
    ...(unchecked.has('fault_domains')
      ? [concern(CONCERN.domainNotKnown, 'no fault domain of the hosts is known')]
      : []),
    ...(unchecked.has('capacity')
      ? [
          concern(
            CONCERN.capacityNotChecked,
            'it is not known whether the remaining hosts can carry the load',
          ),
        ]
      : []),
    ...(total > LONG_RELEASE_SECONDS
      ? [concern(CONCERN.longRelease, `the release takes ${duration}`, { seconds: total })]
      : []),
  ];
}

/** Batches that get too few requests, and those for which the requests are not known. */
function observationConcerns(batches: readonly Batch[]): Concern[] {
  const idsOf = (test: (batch: Batch) => boolean) =>
    batches.filter(test).map(({ batch_id }) => batch_id);
  const blind = idsOf(({ judgement }) => judgement?.by === 'blind');
  const noTraffic = idsOf(
    ({ judgement }) =>
      judgement?.by === 'weak' &&
      judgement.requests_needed !== null &&
      judgement.requests_expected === null,
  );
  const text = (ids: readonly number[]) =>
    `${ids.length === 1 ? 'batch' : 'batches'} ${ranges(ids)}`;
  const params = (ids: readonly number[]) => ({ batches: ranges(ids), count: ids.length });
  return [
    ...(blind.length > 0
      ? [
          concern(
            CONCERN.batchNotJudgeable,
            `${text(blind)} cannot be judged by metrics within the observation time`,
            params(blind),
          ),
        ]
      : []),
    ...(noTraffic.length > 0
      ? [
          concern(
            CONCERN.timeNotProven,
            `the expected requests per batch are not known, so it is not known whether ${text(noTraffic)} ${noTraffic.length === 1 ? 'is' : 'are'} observed long enough`,
            params(noTraffic),
          ),
        ]
      : []),
  ];
}

function leftOut(hosts: number): Concern[] {
  if (hosts === 0) return [];
  const text = `${counted(hosts, 'host is', 'hosts are')} left out of the plan`;
  return [concern(CONCERN.hostsLeftOut, text, { hosts })];
}

/** Hosts that were not healthy at verification, where the plan does not already leave them out. */
export function hostConcerns(
  { unhealthy_hosts: unhealthy }: VersionCheckDetails,
  { gray_strategy: plan }: ReleasePlanDetails,
): Concern[] {
  const out = new Set(plan.excluded_hosts.map(({ host_id }) => host_id));
  const hosts = unhealthy.filter(({ host_id }) => !out.has(host_id)).length;
  if (hosts === 0) return [];
  const text = `${counted(hosts, 'host was', 'hosts were')} unhealthy at verification`;
  return [concern(CONCERN.hostsUnhealthy, text, { hosts })];
}
