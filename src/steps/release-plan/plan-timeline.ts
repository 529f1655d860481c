import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import type { Batch } from '../../domain/release-plan';
import { freezeAt, isWithin, type ActiveFreeze } from './active-freeze';
import { parseSeconds } from '../text/parse-seconds';

/** When a batch is observed if the first one begins at once and no batch needs a repair. */
export type BatchSlot = { batch_id: number; from: Date; until: Date };

/** The batches one after the other from `startsAt` on. */
export function timelineOf(
  batches: readonly Pick<Batch, 'batch_id' | 'observation_time'>[],
  startsAt: Date,
): BatchSlot[] {
  let at = startsAt.getTime();
  return batches.map(({ batch_id, observation_time }) => {
    const from = new Date(at);
    at += parseSeconds(observation_time) * 1000;
    return { batch_id, from, until: new Date(at) };
  });
}

/** The first batch that would begin inside a freeze, and the freeze. */
export function frozenBatch(
  slots: readonly BatchSlot[],
  policy: Pick<RolloutDocument, 'id'>,
  policies: readonly Pick<RolloutDocument, 'id' | 'freezes'>[],
): { batch_id: number; freeze: ActiveFreeze } | undefined {
  for (const { batch_id, from } of slots) {
    const freeze = freezeAt(from, policy, policies);
    if (freeze !== undefined) return { batch_id, freeze };
  }
  return undefined;
}

/** Ids of the batches that begin outside the policy's working hours. */
export const outsideHours = (
  slots: readonly BatchSlot[],
  hours: RolloutDocument['working_hours'],
): number[] =>
  hours === undefined
    ? []
    : slots.filter(({ from }) => !isWithin(hours, from)).map(({ batch_id }) => batch_id);
