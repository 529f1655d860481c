import { z } from 'zod';
import { Seconds } from '../metrics';
import { Id, Source, Text } from './front-matter';

/** knowledge/rollout/*.md: one rollout policy. */
export const RolloutDocument = z.strictObject({
  id: Id,
  title: Text,
  /** Empty: for every kind without a policy of its own. */
  kinds: z.array(Id).default([]),
  first_batch: z.int().positive(),
  growth: z.number().min(1),
  /** Largest share of the fleet in one batch, 0 to 1. */
  max_share: z.number().gt(0).max(1),
  max_batches: z.int().positive(),
  /** By batch; the last one holds for all further batches. */
  observation: z.array(Seconds).min(1),
  repair_observation: z.array(Seconds).min(1),
  /** The model may lengthen an observation up to this. */
  max_observation: Seconds,
  issue_valid_for: Seconds,
  references: z.array(Source).min(1),
});
export type RolloutDocument = z.infer<typeof RolloutDocument>;
