import { z } from 'zod';
import { Severity } from '../risk';
import { Id, Text } from './front-matter';

/** knowledge/services/*.md: one service of the user. */
export const ServiceDocument = z.strictObject({
  service: Text,
  kind: Id.describe('id of a technology'),
  description: Text,
  owner: Text.optional(),
  depends_on: z.array(Text).default([]).describe('services that it calls, when no trace shows it'),
  risks: z.array(Id).default([]),
  pinned_metrics: z.array(Text).default([]),
  rollout: Id.optional(),
  /** How much depends on it; a rollout policy may ask for it. */
  criticality: Severity.optional(),
});
export type ServiceDocument = z.infer<typeof ServiceDocument>;
