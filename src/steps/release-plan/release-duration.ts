import type { HostRef } from '../../domain/host';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import { batchSizes } from './batch-sizes';
import { choosePolicy } from './rollout-policy';
import type { ServiceKind } from '../knowledge/service-kind';
import { parseSeconds } from '../text/parse-seconds';

/** Without a policy: the user's own example, 600 s, 1,800 s and 3,600 s. */
const USUAL_SECONDS = 6_000;

/** Seconds for which a release is observed in total, by its policy; the policy's listed batches where no host is known. */
export function releaseSeconds(
  {
    service,
    detectedKind,
    hosts: refs,
  }: { service: string; detectedKind: ServiceKind; hosts: readonly HostRef[] },
  knowledge: Knowledge,
): number {
  const hosts = refs.length;
  const policy = choosePolicy({ service, detectedKind, hosts, regions: [] }, knowledge)?.policy;
  if (policy === undefined) return USUAL_SECONDS;
  const { observation } = policy;
  const batches = hosts > 0 ? batchSizes(hosts, policy, hosts).length : observation.length;
  return Array.from({ length: batches }, (_, index) =>
    parseSeconds(observation[Math.min(index, observation.length - 1)] ?? '0s'),
  ).reduce((sum, seconds) => sum + seconds, 0);
}
