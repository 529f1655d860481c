import { z } from 'zod';
import { Seconds } from './seconds';

/** Unix times as RFC 3339. */
export const Span = z.strictObject({ from: z.string(), to: z.string() });

/** How often all rules together would have stopped a release that nothing was wrong with. */
export const PlanBacktest = z.strictObject({
  release: Seconds.describe('how long a release takes'),
  releases: z
    .int()
    .nonnegative()
    .describe('releases that fit into calm history, every ten minutes'),
  stopped: z
    .int()
    .nonnegative()
    .describe('by a rule, at the level that the other half of history gives'),
  false_stop_rate: z.number().min(0).max(1),
  advisory: z.int().nonnegative().describe('rules left out: no level inside their bounds is calm'),
  anomalies: z.array(Span).describe('outages and accidents, no calm times; the last 20'),
});
export type PlanBacktest = z.infer<typeof PlanBacktest>;
