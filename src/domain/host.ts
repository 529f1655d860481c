import { z } from 'zod';

/**
 * What a reader does not see, or takes for a plain space: control, format and private characters, halves of characters,
 * whatever Unicode lets a display ignore (soft hyphen, fillers, variation selectors, tags), and the blank Braille
 * pattern. Names are shown to people, put into queries, and name locks: two that look alike must be one.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;

/** A name from outside: 1 to `max` characters, trimmed, in normal form C, nothing invisible in it. */
export const nameOf = (max: number) =>
  z
    .string()
    .trim()
    // A text of megabytes is refused before it costs anything.
    .max(4 * max, { message: `must have at most ${max} characters`, abort: true })
    .normalize('NFC')
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine((text) => !HIDDEN.test(text), 'must not hold control or invisible characters');

export const HostRef = z.strictObject({ host_id: nameOf(253), host_ip: nameOf(45) });
export type HostRef = z.infer<typeof HostRef>;

/** A service on a host: `active` serves, `pending` is being changed, `error` is broken. */
export const HostService = z.object({
  name: nameOf(253),
  version: nameOf(128),
  status: z.string(),
});
export type HostService = z.infer<typeof HostService>;

/** A host as the release system knows it; `status` other than `running` is not healthy; `load` is 0 to 1. */
export const Host = z.object({
  host_id: nameOf(253),
  host_ip: nameOf(45),
  status: z.string(),
  zone: z.string().nullish(),
  region: z.string().nullish(),
  services: z.array(HostService),
  load: z
    .object({ cpu: z.number().min(0), memory: z.number().min(0) })
    .partial()
    .nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
});
export type Host = z.infer<typeof Host>;
