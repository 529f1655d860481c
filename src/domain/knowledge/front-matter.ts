import { z } from 'zod';

/** What the front matter of every knowledge document is made of: see docs/knowledge.md and docs/schemas. */
export const Id = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'lower-case letters, digits, - and _');
export const Text = z.string().trim().min(1);
export const Source = Text.describe('where a figure or a claim comes from: a title or an address');

/** A source with its address where it has one. */
export const Reference = z.strictObject({
  title: Text.describe('who says it, and where: a document, a chapter, a post-mortem'),
  url: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'an address that begins with http:// or https://')
    .optional(),
});
export type Reference = z.infer<typeof Reference>;

/** Metric groups of the field, which any document may name; a technology may define more of its own. */
export const METRIC_GROUPS: readonly string[] = [
  'CPU',
  'Memory',
  'GC',
  'Threads',
  'Connections',
  'Saturation',
  'Disk',
  'Network',
  'Queue',
  'Cache',
  'Error Rate',
  'Latency',
  'Traffic',
  'Availability',
  'Replication',
  'Certificates',
  'Jobs',
];
