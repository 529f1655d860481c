import { z } from 'zod';
import { MetricType, RuleUnit, Seconds } from './metrics';
import { Likelihood, MitigationAction, Severity } from './risk';

/** The front matter of knowledge/*: see docs/knowledge.md and docs/schemas. */
const Id = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'lower-case letters, digits, - and _');
const Text = z.string().trim().min(1);
const Source = Text.describe('where a figure or a claim comes from: a title or an address');

/** When a risk applies; every given condition must hold, `{}` means always. */
export const RiskConditions = z.strictObject({
  /** Kinds of the released service (ids of technologies). */
  kinds: z.array(Id).optional(),
  /** Kinds that the service depends on directly: profiles of downstream services, or external nodes of its chain. */
  depends_on: z.array(Id).optional(),
  position: z.enum(['has_upstream', 'has_downstream', 'has_async', 'has_external']).optional(),
  change: z.array(z.enum(['major', 'minor', 'patch', 'downgrade', 'unknown'])).optional(),
  /** At least so many target hosts. */
  min_hosts: z.int().positive().optional(),
});
export type RiskConditions = z.infer<typeof RiskConditions>;

/** knowledge/risks/*.md: one fault and the plan for it. */
export const RiskDocument = z.strictObject({
  id: Id,
  type: Id.describe('the `type` of the risk in the issue, e.g. memory_leak'),
  title: Text,
  severity: Severity,
  likelihood: Likelihood,
  applies: RiskConditions,
  /** Stays in the issue whatever the model says. */
  mandatory: z.boolean().default(false),
  watch: z.array(Text).min(1).describe('names of the metric groups that show it'),
  mitigation: z.strictObject({
    action: MitigationAction,
    steps: z.array(Text).min(1),
    not_when: z.array(Text).default([]),
    repair_observation: Seconds,
  }),
  words: z.array(Text).default([]).describe('search words beyond the title'),
  references: z.array(Source).min(1),
});
export type RiskDocument = z.infer<typeof RiskDocument>;

/**
 * A level for the metrics whose name matches. `form` says how the rule's expression is built:
 * `value` as it is, `rate` per second, `increase` over 5 m, `quantile` over histogram buckets,
 * `ratio` of the metric to `of`, `errors` share of the counter's series whose `error_matcher` matches (or of `of`).
 */
export const MetricLevel = z.strictObject({
  match: z.array(Text).min(1).describe('metric names; * stands for any characters'),
  types: z.array(MetricType).optional(),
  form: z.enum(['value', 'rate', 'increase', 'quantile', 'ratio', 'errors']),
  quantile: z.number().gt(0).lt(1).optional(),
  of: z.array(Text).optional().describe('metric names of the denominator'),
  error_matcher: z.string().optional().describe('PromQL label matcher, as code=~"5.."'),
  aggregate: z.enum(['sum', 'max', 'avg', 'min']).default('sum'),
  op: z.enum(['>', '<']),
  unit: RuleUnit,
  /** The level without history; also the direction in which the model may tighten. */
  default: z.number(),
  /** Bounds that neither history nor the model leaves. */
  min: z.number().optional(),
  max: z.number().optional(),
  for: Seconds,
  severity: Severity.default('high'),
  source: Source,
});
export type MetricLevel = z.infer<typeof MetricLevel>;

export const MetricGroupKnowledge = z.strictObject({
  name: Text,
  signal: z.enum(['latency', 'traffic', 'errors', 'saturation', 'availability']),
  words: z.array(Text).default([]).describe('synonyms for the search in metric names and help'),
  pinned: z.array(Text).default([]).describe('metric names that are always in when they exist'),
  levels: z.array(MetricLevel).min(1),
});
export type MetricGroupKnowledge = z.infer<typeof MetricGroupKnowledge>;

/** knowledge/technologies/*.md: one kind of service, its risks, metric groups and default levels. */
export const TechnologyDocument = z.strictObject({
  id: Id.describe('the `kind` of service profiles'),
  title: Text,
  /** Kinds whose risks and groups apply as well, e.g. general. */
  extends: z.array(Id).default([]),
  aliases: z.array(Text).default([]),
  risks: z.array(Id).default([]).describe('ids of risk documents'),
  groups: z.array(MetricGroupKnowledge).default([]),
  references: z.array(Source).min(1),
});
export type TechnologyDocument = z.infer<typeof TechnologyDocument>;

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
});
export type ServiceDocument = z.infer<typeof ServiceDocument>;

/** A document with its prose and the file it came from; `path` is relative to the knowledge folder. */
export type Documented<Matter> = Matter & { path: string; prose: string };

export type Knowledge = {
  risks: Documented<RiskDocument>[];
  technologies: Documented<TechnologyDocument>[];
  rollout: Documented<RolloutDocument>[];
  services: Documented<ServiceDocument>[];
};
