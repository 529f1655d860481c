import { z } from 'zod';

/** A duration as Prometheus writes it, in whole seconds, such as `120s`. */
export const Seconds = z.string().regex(/^\d+s$/);
