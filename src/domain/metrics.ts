import { z } from 'zod';
import { RuleConstraint } from './constraint';
import { STEP } from './names';
import { PlanBacktest, Span } from './plan-backtest';
import { Severity } from './risk';
import { Seconds } from './seconds';
import { Reasoning, stepResultOf, type StepOutcome } from './step-result';

export const MetricType = z.enum(['counter', 'gauge', 'histogram', 'summary', 'unknown']);
export type MetricType = z.infer<typeof MetricType>;

/** One metric of the catalogue; `help` is untrusted text, shortened. Histograms and summaries by family name. */
export const CatalogueMetric = z.strictObject({
  name: z.string(),
  type: MetricType,
  help: z.string(),
  unit: z.string(),
  /** A histogram without `_bucket` series. */
  native: z.boolean().optional(),
});
export type CatalogueMetric = z.infer<typeof CatalogueMetric>;

/** Which series belong to the service: by a label, by a name prefix, or nothing matched. */
export const MetricScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('label'), label: z.string(), value: z.string() }),
  z.strictObject({ kind: z.literal('prefix'), prefix: z.string() }),
  z.strictObject({ kind: z.literal('none') }),
]);
export type MetricScope = z.infer<typeof MetricScope>;

/** The series of the machines that a service runs on, whatever else they are labelled with. */
export type HostScope = { kind: 'hosts'; label: string; hosts: string[] };
export type RuleScope = MetricScope | HostScope;

/** Whose series a group watches, where they are not the service's own. */
export const Beside = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hosts'), label: z.string() }),
  z.strictObject({
    kind: z.literal('neighbour'),
    service: z.string(),
    because: z.string().optional().describe('how it is one'),
  }),
]);
export type Beside = z.infer<typeof Beside>;

/** Metrics that are not the service's own, and still show what a release of it does. */
export type SideMetrics = {
  beside: Beside;
  scope: RuleScope;
  /** The kind of a neighbour, found from all of its metrics; only a few of them are passed on. */
  kind?: string;
  metrics: CatalogueMetric[];
};

/** What the shortlist activity hands on: small enough for workflow history (bounded in steps/metrics/shortlist.ts). */
export type MetricShortlist = {
  service: string;
  scope: MetricScope;
  metrics: CatalogueMetric[];
  catalogueSize: number;
  /** Of the hosts, where they have any. */
  sides?: SideMetrics[];
  /** What of them is not watched, and why. */
  unwatched?: string[];
};

/** A chosen group: metric names in order of importance, and the risks it watches. */
export type MetricGroup = { name: string; candidates: string[]; watches: string[] };
export type MetricSelection = {
  service: string;
  scope: MetricScope;
  groups: MetricGroup[];
  metrics: CatalogueMetric[];
  catalogueSize: number;
  /** What hosts and neighbours add; each with groups of its own. */
  sides?: SideSelection[];
  unwatched?: string[];
  /** Why neighbours could not be looked at. */
  unread?: string;
  reasoning: Reasoning;
};
export type SideSelection = SideMetrics & { groups: MetricGroup[] };

export const Judgeability = z.enum(['judgeable', 'weak', 'blind']);
export type Judgeability = z.infer<typeof Judgeability>;

/** Why a rule is not judgeable. */
export const Defect = z.enum([
  'absent',
  'stale',
  'renamed',
  'wrong_label',
  'no_value',
  'few_samples',
  'late_series',
  'gaps',
  'nan',
  'no_traffic',
  'flat_zero',
  'resets',
  'duplicate_series',
  'mixed_units',
  'hosts_missing',
  'fires_when_calm',
  'never_fires',
  'partial',
  'unscoped',
  'refused',
]);
export type Defect = z.infer<typeof Defect>;

export const RuleUnit = z.enum([
  'seconds',
  'bytes',
  'ratio',
  'cores',
  'per_second',
  'bytes_per_second',
  'count',
]);
export type RuleUnit = z.infer<typeof RuleUnit>;

/** The batch against the hosts that are not released yet: for what swings too much to have one level. */
export const RelativeRule = z.strictObject({
  expr: z
    .string()
    .describe(
      'PromQL: batch / others; its matchers hold $batch and $others, regular expressions of hosts',
    ),
  host_label: z.string(),
  op: z.enum(['>', '<']),
  ratio: z.number().describe('fires when the value of expr is beyond it'),
  for: Seconds,
  backtest: z.strictObject({ windows: z.int().nonnegative(), fired: z.int().nonnegative() }),
  calm: z
    .strictObject({ ratio: z.number().positive(), spread: z.number().nonnegative() })
    .optional()
    .describe(
      'what expr was in its history: its median, and the standard deviation of its logarithm',
    ),
  batches: z
    .array(z.strictObject({ batch_id: z.int().positive(), expr: z.string() }))
    .optional()
    .describe(
      'expr with the hosts of each batch put in; none for the last batch, nor for a fleet of over 200 hosts',
    ),
});
export type RelativeRule = z.infer<typeof RelativeRule>;

export const Rule = z.strictObject({
  candidate: z.string(),
  /** PromQL whose value is compared with `threshold`. */
  expr: z.string(),
  op: z.enum(['>', '<', '>=', '<=']),
  threshold: z.number(),
  unit: RuleUnit,
  for: Seconds,
  severity: Severity,
  baseline: z
    .strictObject({
      window: Span,
      hours: z
        .strictObject({ cycle: z.enum(['day', 'week']), from: z.string(), to: z.string() })
        .optional()
        .describe('the metric swings by the day or week: only these hours of it were taken'),
      samples: z.int().nonnegative(),
      p50: z.number().nullable(),
      p95: z.number().nullable(),
      p99: z.number().nullable(),
      max: z.number().nullable(),
    })
    .describe('the running level that the threshold was set from'),
  backtest: z.strictObject({ windows: z.int().nonnegative(), fired: z.int().nonnegative() }),
  history: z
    .strictObject({
      step: Seconds,
      low: z.array(z.number().nullable()).max(60),
      high: z.array(z.number().nullable()).max(60),
    })
    .optional()
    .describe('for plots: the lowest and highest value of each step of baseline.window'),
  judgeable: Judgeability,
  remedy: z.string().optional(),
  judgeable_after: Seconds.optional().describe('more history that the rule needs to judge'),
  defect: Defect.optional(),
  relative: RelativeRule.optional(),
  host_set: z
    .int()
    .nonnegative()
    .optional()
    .describe('which of host_sets names the hosts that have a series of this rule'),
  /** Where the level comes from: `history`, `knowledge:<document id>`, or `model` inside knowledge bounds. */
  source: z.string(),
  ...RuleConstraint,
});
export type Rule = z.infer<typeof Rule>;

export const WatchedGroup = z
  .strictObject({
    name: z.string(),
    candidates: z.array(z.string()).min(1),
    thresholds: z.array(z.string()).min(1),
    rules: z.array(Rule).min(1),
    watches: z.array(z.string()).describe('risk types that this group would show'),
    beside: Beside.optional().describe("whose series these are, where they are not the service's"),
  })
  .refine(
    (group) =>
      group.candidates.length === group.thresholds.length &&
      group.candidates.every((name, index) => group.rules[index]?.candidate === name),
    'candidates, thresholds and rules go together, in the same order',
  );
export type WatchedGroup = z.infer<typeof WatchedGroup>;

export const MetricAnalysisDetails = z.strictObject({
  metrics: z.array(WatchedGroup),
  service: z.string(),
  scope: MetricScope,
  catalogue_size: z.int().nonnegative(),
  backtest: PlanBacktest.optional(),
  host_sets: z
    .array(z.strictObject({ label: z.string(), values: z.array(z.string()) }))
    .optional()
    .describe('which label of the series holds the host, and the hosts that have series'),
  unwatched: z
    .array(z.string())
    .optional()
    .describe('which machines or neighbours have no metrics here, and why'),
  reasoning: Reasoning,
});
export type MetricAnalysisDetails = z.infer<typeof MetricAnalysisDetails>;

export const MetricAnalysis = stepResultOf(STEP.metricAnalysis, MetricAnalysisDetails);
export type MetricAnalysis = z.infer<typeof MetricAnalysis>;

/** `traffic`: requests per second by hour of the week (168 from Monday 00:00 UTC on), for the gray plan; null: unknown. */
export type MetricOutcome = StepOutcome<MetricAnalysis> & { traffic: readonly number[] | null };
