import type { Span } from '../../steps/service-chain';

/** What one way of storing spans looks like; everything else about reading them is shared (read-spans.ts). */
export type SpanSchema = {
  id: string;
  /** Default index pattern, without a prefix. */
  indices: string;
  time: string;
  service: string;
  trace: string;
  span: string;
  /** Asked for by the search's `fields`, which goes by the mapping and not by how the document was written. */
  fields: string[];
  source: string[];
  toSpan(hit: { fields: unknown; source: unknown }): Span | null;
};
