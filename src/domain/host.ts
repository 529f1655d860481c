import { z } from 'zod';

/** No control, bidirectional or zero-width characters, no halves of one: names are shown to people and put into queries. */
const HIDDEN = /[\p{Cc}\p{Cs}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** A name from outside: 1 to `max` characters, trimmed, nothing invisible in it. */
export const nameOf = (max: number) =>
  z
    .string()
    .trim()
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
