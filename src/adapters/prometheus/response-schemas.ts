import { z } from 'zod';
import type { MetricType } from '../../domain/metrics';
import { checkShape, parseBoundedJson } from '../upstream/bounded-json';

/** `NaN`, `+Inf` and `-Inf` come as strings, as every sample value does. */
export function parseSampleValue(text: string): number {
  if (/^[+-]?inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return text.trim() === '' ? NaN : Number(text);
}

const Sample = z
  .tuple([z.number(), z.string()])
  .transform(([at, value]) => ({ at, value: parseSampleValue(value) }));
export type Sample = z.infer<typeof Sample>;

const Labels = z.record(z.string(), z.string());
export type Labels = z.infer<typeof Labels>;

/** One series of a range query; `at` in Unix seconds. Series of native histograms come without samples. */
export type Series = { labels: Labels; samples: Sample[] };

const answerOf = <Data extends z.ZodType>(data: Data) =>
  z.object({
    status: z.literal('success'),
    data,
    warnings: z.array(z.string()).nullish(),
    isPartial: z.boolean().optional(),
  });

const MatrixSeries = z.object({ metric: Labels, values: z.array(Sample).default([]) });
const VectorSample = z.object({ metric: Labels, value: Sample.optional() });

export const RangeAnswer = answerOf(
  z.object({ resultType: z.literal('matrix'), result: z.array(MatrixSeries) }),
);
export const InstantAnswer = answerOf(
  z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(VectorSample) }),
    z.object({ resultType: z.literal('scalar'), result: Sample }),
  ]),
);
export const NamesAnswer = answerOf(z.array(z.string()).nullable());
export const SeriesAnswer = answerOf(z.array(Labels).nullable());
export const BuildInfoAnswer = answerOf(z.object({ version: z.string() }));

const TYPES = new Map<string, MetricType>([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['info', 'gauge'],
  ['stateset', 'gauge'],
  ['gaugehistogram', 'histogram'],
]);

const MetadataEntry = z
  .object({ type: z.string(), help: z.string().default(''), unit: z.string().default('') })
  .transform(({ type, help, unit }) => ({
    type: TYPES.get(type) ?? ('unknown' as const),
    help,
    unit,
  }));
export type Metadata = Record<string, z.infer<typeof MetadataEntry>[]>;
const MetadataEntries = z.array(MetadataEntry);
/** Ends at the first wrong entry: the library's own record builds a complaint for each, which takes seconds. */
const MetadataRecord = z.record(z.string(), z.unknown()).transform((entries, context): Metadata => {
  const metadata = Object.create(null) as Metadata;
  for (const [name, entry] of Object.entries(entries)) {
    const checked = checkShape(MetadataEntries, entry);
    if (!checked.success) {
      context.addIssue({ code: 'custom', message: checked.fault, path: [name.slice(0, MAX_NAME)] });
      return z.NEVER;
    }
    metadata[name] = checked.data;
  }
  return { ...metadata };
});
/** A longer name of a metric tells nothing more. */
const MAX_NAME = 100;
export const MetadataAnswer = answerOf(MetadataRecord.nullable());

const ErrorAnswer = z.object({ error: z.string(), errorType: z.string().optional() });

/** Prometheus says in JSON why it refused a query. */
export function errorTextOf(body: string): string | undefined {
  try {
    const checked = checkShape(ErrorAnswer, parseBoundedJson(body));
    if (!checked.success) return undefined;
    const { error, errorType } = checked.data;
    return errorType ? `${errorType}: ${error}` : error;
  } catch {
    return undefined;
  }
}
