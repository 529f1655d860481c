import type { Host } from '../../domain/host';
import type { HostOrder } from './batch-hosts';
import { totalSeconds, type GrayPlan } from './plan-batches';
import { formatDuration } from '../text/format-duration';
import { parseSeconds } from '../text/parse-seconds';
import { cleanText } from '../text/sanitize-text';

/** Hosts that are offered to the model: more than it can weigh, and the prompt stays small. */
export const MAX_OFFERED_HOSTS = 200;
/** Free text of the model is shown, never parsed. */
const MAX_REASON = 200;

export type PlanProposal = {
  /** Offered host ids (`h0`, `h1`, …), those to be released first in front. */
  order: readonly string[];
  batches: readonly { batch_id: number; observation_seconds: number; reason: string }[];
};

/** Ids by which a model names hosts: their place in the list that it was given. */
export const offeredHosts = (hosts: readonly Host[]): { id: string; host: Host }[] =>
  hosts.slice(0, MAX_OFFERED_HOSTS).map((host, index) => ({ id: `h${index}`, host }));

/** The requested order of the offered hosts, each once; anything else is dropped. */
export function acceptOrder(
  { order }: Pick<PlanProposal, 'order'>,
  offered: readonly { id: string; host: Host }[],
): HostOrder {
  const byId = new Map(offered.map(({ id, host }) => [id, host.host_id]));
  const asked = [...new Set(order)].flatMap((id) => byId.get(id) ?? []);
  return new Map(asked.map((hostId, rank) => [hostId, rank]));
}

/** Lengthens observations up to the policy's cap, with the reason; shortens none. */
export function acceptObservations(
  plan: GrayPlan,
  { batches: proposals }: Pick<PlanProposal, 'batches'>,
  cap: string,
): GrayPlan {
  const most = parseSeconds(cap);
  const batches = plan.batches.map((batch) => {
    const proposed = proposals.find(({ batch_id }) => batch_id === batch.batch_id);
    if (proposed === undefined || !Number.isFinite(proposed.observation_seconds)) return batch;
    const seconds = Math.min(Math.floor(proposed.observation_seconds), most);
    if (seconds <= parseSeconds(batch.observation_time)) return batch;
    const because = cleanText(proposed.reason, MAX_REASON);
    const reason = `${batch.reason}; observed for ${formatDuration(seconds)} at the request of the model${because === '' ? '' : `: ${because}`}`;
    return { ...batch, observation_time: `${seconds}s`, reason };
  });
  return { ...plan, batches, total_time: `${totalSeconds(batches)}s` };
}
