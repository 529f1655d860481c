import { z } from 'zod';

const Key = z.union([z.string(), z.number().transform(String)]);
/** What an aggregation of sampled ids answers: of traces, or of requests in logs. */
export const SampledIds = z.object({
  total: z.object({ value: z.int().nonnegative() }),
  // A number where the field was mapped as one.
  ids: z.object({ buckets: z.array(z.object({ key: Key })) }),
});
