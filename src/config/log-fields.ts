import { z } from 'zod';

const Fields = z.strictObject({
  trace: z.string().min(1),
  service: z.string().min(1),
  time: z.string().min(1).optional(),
  duration: z.string().min(1).optional(),
});

/** `trace=…,service=…,time=…,duration=…`; the first two are needed. */
export const logFields = z.string().transform((text, context) => {
  const pairs = text.split(',').map((part): [string, string] => {
    const [name = '', ...value] = part.split('=');
    return [name.trim(), value.join('=').trim()];
  });
  const parsed = Fields.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  context.addIssue({
    code: 'custom',
    message:
      'must be trace=FIELD,service=FIELD, and may have time=FIELD and duration=FIELD, such as trace=ctx.request,service=app',
  });
  return z.NEVER;
});
