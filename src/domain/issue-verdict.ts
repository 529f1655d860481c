import { z } from 'zod';

/** One thing that a person should know before the release. */
export const Concern = z.strictObject({
  code: z.string(),
  text: z.string(),
  params: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .optional()
    .describe('the values in text, for texts in other languages'),
});
export type Concern = z.infer<typeof Concern>;

/** What a person should know first, computed from the steps of the issue. */
export const Verdict = z.strictObject({
  ready: z
    .enum(['yes', 'no', 'with_care'])
    .describe('no: the release could not be stopped by what the service shows'),
  sentence: z.string().describe('the verdict, the size of the plan, and the worst concern'),
  concerns: z.array(Concern).describe('the worst first'),
});
export type Verdict = z.infer<typeof Verdict>;
