import { z } from 'zod';

/** What the front matter of every knowledge document is made of: see docs/knowledge.md and docs/schemas. */
export const Id = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'lower-case letters, digits, - and _');
export const Text = z.string().trim().min(1);
export const Source = Text.describe('where a figure or a claim comes from: a title or an address');
