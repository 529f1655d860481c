import { z } from 'zod';
import { STEP } from './names';
import { Severity } from './risk';
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

/** What the shortlist activity hands on: small enough for workflow history (bounded in steps/metric-shortlist.ts). */
export type MetricShortlist = {
  service: string;
  scope: MetricScope;
  metrics: CatalogueMetric[];
  catalogueSize: number;
};

/** A chosen group: metric names in order of importance, and the risks it watches. */
export type MetricGroup = { name: string; candidates: string[]; watches: string[] };
export type MetricSelection = {
  service: string;
  scope: MetricScope;
  groups: MetricGroup[];
  metrics: CatalogueMetric[];
  catalogueSize: number;
  reasoning: Reasoning;
};

export const Judgeability = z.enum(['judgeable', 'weak', 'blind']);
export type Judgeability = z.infer<typeof Judgeability>;

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

/** How long a condition must hold, or a window: Prometheus seconds, as `120s`. */
export const Seconds = z.string().regex(/^\d+s$/);

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
      window: z.strictObject({ from: z.string(), to: z.string() }),
      samples: z.int().nonnegative(),
      p50: z.number().nullable(),
      p95: z.number().nullable(),
      p99: z.number().nullable(),
      max: z.number().nullable(),
    })
    .describe('the running level that the threshold was set from'),
  backtest: z.strictObject({ windows: z.int().nonnegative(), fired: z.int().nonnegative() }),
  judgeable: Judgeability,
  remedy: z.string().optional(),
  /** Where the level comes from: `history`, `knowledge:<document id>`, or `model` inside knowledge bounds. */
  source: z.string(),
});
export type Rule = z.infer<typeof Rule>;

export const WatchedGroup = z
  .strictObject({
    name: z.string(),
    candidates: z.array(z.string()).min(1),
    thresholds: z.array(z.string()).min(1),
    rules: z.array(Rule).min(1),
    watches: z.array(z.string()).describe('risk types that this group would show'),
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
  reasoning: Reasoning,
});
export type MetricAnalysisDetails = z.infer<typeof MetricAnalysisDetails>;

export const MetricAnalysis = stepResultOf(STEP.metricAnalysis, MetricAnalysisDetails);
export type MetricAnalysis = z.infer<typeof MetricAnalysis>;

/** `traffic`: requests per second by hour of the week (168 from Monday 00:00 UTC on), for the gray plan; null: unknown. */
export type MetricOutcome = StepOutcome<MetricAnalysis> & { traffic: readonly number[] | null };
