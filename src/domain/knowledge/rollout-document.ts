import { z } from 'zod';
import { Seconds } from '../seconds';
import { Severity } from '../risk';
import { Id, Source, Text } from './front-matter';
import { Freeze, WeeklyHours } from './freeze-period';

/** When a policy applies; every given condition must hold, `{}` always. The one with the most conditions wins. */
export const RolloutConditions = z.strictObject({
  kinds: z.array(Id).optional().describe('ids of technologies'),
  /** Of the service's profile. */
  criticality: z.array(Severity).optional(),
  min_hosts: z.int().positive().optional(),
  max_hosts: z.int().positive().optional(),
  /** Applies if any target host is in one of them. */
  regions: z.array(Text).optional(),
});
export type RolloutConditions = z.infer<typeof RolloutConditions>;

/** knowledge/rollout/*.md: one rollout policy. */
export const RolloutDocument = z
  .strictObject({
    id: Id,
    title: Text,
    applies: RolloutConditions.default({}),
    first_batch: z.int().positive(),
    /** The first batch of a large fleet, as a share of it; the larger of both counts. */
    first_share: z.number().gt(0).max(0.01).optional(),
    growth: z.number().min(1),
    /** Largest share of the fleet in one batch, 0 to 1. */
    max_share: z.number().gt(0).max(1),
    /** Growth is raised until the plan has no more; capacity and fault domains go before it. */
    max_batches: z.int().positive(),
    /** Largest share of one fault domain in one batch while there are others; the last batch is free. */
    max_domain_share: z.number().gt(0).max(1).default(0.5),
    /** CPU load that the remaining hosts may reach while a batch is out, 0 to 1. */
    headroom: z.number().gt(0).max(1).default(0.9),
    /** A target host that is not healthy when the plan is made: left out with its reason, or no plan at all. */
    unhealthy: z.enum(['exclude', 'refuse']).default('exclude'),
    /** By batch; the last one holds for all further batches. */
    observation: z.array(Seconds).min(1),
    repair_observation: z.array(Seconds).min(1),
    /** The observation times are multiplied by it when the worst predicted risk is of that severity. */
    observation_factor: z.partialRecord(Severity, z.number().min(1).max(10)).default({}),
    /** Neither traffic, rules nor the model lengthen an observation beyond it. */
    max_observation: Seconds,
    /** A longer plan is not shortened: the issue warns of it. */
    max_total_time: Seconds.optional(),
    issue_valid_for: Seconds,
    /** How far up and down the chain a release in progress is a conflict. */
    neighbour_hops: z.int().min(0).max(5).default(1),
    freezes: z.array(Freeze).default([]),
    /** The first batch waits for them; later batches that begin outside are planned all the same, with a warning. */
    working_hours: WeeklyHours.optional(),
    /** People who must approve the issue before its first batch. */
    approvals: z.int().min(0).max(2).default(0),
    /** Who asked for the release may not be the only one to approve it. */
    prevent_self_approval: z.boolean().default(false),
    /** How long the deploy of one batch may take, counted from its begin. */
    deploy_timeout: Seconds.default('900s'),
    /** Repairs in one release; the next breach gets the last answer of its rule. */
    max_repairs: z.int().min(0).max(20).default(3),
    references: z.array(Source).min(1),
  })
  .refine(({ approvals, prevent_self_approval: prevents }) => !prevents || approvals > 0, {
    path: ['approvals'],
    message:
      'must be 1 or 2 where prevent_self_approval is true: without an approval it prevents nothing',
  });
export type RolloutDocument = z.infer<typeof RolloutDocument>;
