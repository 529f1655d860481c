import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { SpanLink } from '../../../domain/topology/span';

const Id = z.object({ id: z.string() });
const Links = z.array(z.object({ trace: Id, span: Id }));
const Source = z.object({ span: z.object({ links: Links }) });
/** Elasticsearch does not expand dotted keys in `_source`. */
const Dotted = z.object({ 'span.links': Links });

/** `span.links` of a document in the Elastic Common Schema; none where there is nothing of that shape. */
export function ecsLinks(source: unknown): SpanLink[] {
  const links = checkShape(Source, source).data?.span.links ?? checkShape(Dotted, source).data;
  const list = Array.isArray(links) ? links : (links?.['span.links'] ?? []);
  return list.map(({ trace, span }) => ({ trace: trace.id, id: span.id }));
}
