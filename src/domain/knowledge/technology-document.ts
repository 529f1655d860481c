import { z } from 'zod';
import { MetricType, RuleUnit, Seconds } from '../metrics';
import { Severity } from '../risk';
import { Id, Source, Text } from './front-matter';

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
