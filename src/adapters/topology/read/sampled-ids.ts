import { z } from 'zod';

const Key = z.union([z.string(), z.number().transform(String)]);
/** The response of an aggregation of sampled ids (of traces, or of requests in logs). */
export const SampledIds = z.object({
  total: z.object({ value: z.int().nonnegative() }),
  // A number if the field is mapped as one.
  ids: z.object({ buckets: z.array(z.object({ key: Key })) }),
});
