import { z } from 'zod';
import { MetricType, RuleUnit } from '../metrics';
import { Seconds } from '../seconds';
import { Severity } from '../risk';
import { Id, Source, Text } from './front-matter';

/** Label matchers as written between the braces of PromQL: `state="busy",code=~"5.."`. */
export const Matchers = z
  .string()
  .regex(
    /^\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*")*\s*$/,
    'label matchers, as state="busy",code=~"5.."',
  );

/**
 * How a rule's expression is built of a metric m: `value` as it is; `rate` per second; `increase`, `changes`, `resets`,
 * `delta` over the window; `growth` its slope per second; `quantile` and `mean` of a histogram or summary;
 * `ratio` of m to `of`; `share` m / (m + of); `errors` share of the series whose `error_matcher` matches (or m of
 * `of`); `age` now - m and `remaining` m - now of a Unix time; `predict` m after `horizon`; `count` of its series.
 */
export const RuleFormName = z.enum([
  'value',
  'rate',
  'increase',
  'changes',
  'resets',
  'delta',
  'growth',
  'quantile',
  'mean',
  'ratio',
  'share',
  'errors',
  'age',
  'remaining',
  'predict',
  'count',
]);

/** A level for the metrics whose name matches, with the form that its expression takes. */
export const MetricLevel = z
  .strictObject({
    match: z.array(Text).min(1).describe('metric names; * stands for any characters'),
    types: z.array(MetricType).optional(),
    form: RuleFormName,
    quantile: z.number().gt(0).lt(1).optional(),
    of: z.array(Text).optional().describe('metric names of the other part; the first that exists'),
    matcher: Matchers.optional().describe('which series of the metric'),
    of_matcher: Matchers.optional().describe('which series of the other part'),
    error_matcher: Matchers.optional().describe('which series are errors, as code=~"5.."'),
    complement: z.boolean().optional().describe('1 - the expression, as used = 1 - free / total'),
    scale: z.number().positive().optional().describe('factor to `unit`, as 0.001 for milliseconds'),
    window: Seconds.optional().describe('range of rate, increase, changes…; 300s when absent'),
    horizon: Seconds.optional().describe('how far `predict` looks ahead; 14400s when absent'),
    floor: z
      .number()
      .positive()
      .optional()
      .describe('traffic per second below which no share counts'),
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
  })
  .refine(({ form, of }) => !['ratio', 'share'].includes(form) || of !== undefined, {
    message: 'ratio and share need `of`',
    path: ['of'],
  })
  .refine(
    ({ form, of, error_matcher: matcher }) =>
      form !== 'errors' || of !== undefined || matcher !== undefined,
    { message: 'errors needs `of` or `error_matcher`', path: ['form'] },
  );
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
  /** Decides which metrics identify a service first: Redis is Redis although its exporter is written in Go. */
  layer: z
    .enum(['application', 'convention', 'runtime', 'platform'])
    .default('application')
    .describe('how clearly its metrics identify a service, the clearest first'),
  /** With an exporter, `process_*`, `go_*` and the like show its own CPU, memory and threads, not the service's. */
  exporter: z.boolean().default(false).describe('its metrics come from a separate exporter'),
  machine: z
    .boolean()
    .default(false)
    .describe('its metrics are of the machine: every service on it feels them'),
  risks: z.array(Id).default([]).describe('ids of risk documents'),
  groups: z.array(MetricGroupKnowledge).default([]),
  references: z.array(Source).min(1),
});
export type TechnologyDocument = z.infer<typeof TechnologyDocument>;
