import type { Span, Topic } from '../../../domain/topology/span';

const KINDS: readonly Span['kind'][] = ['client', 'server', 'producer', 'consumer'];

/** `Client`, `CLIENT`, `SPAN_KIND_CLIENT`, `client` are the same kind; an unknown kind is internal. */
export function spanKind(text: string | null): Span['kind'] {
  const name = (text ?? '').toLowerCase().replace(/^span_kind_/, '');
  return KINDS.find((kind) => kind === name) ?? 'internal';
}

/** A topic needs both, since a name like `orders` exists in many systems. */
export const topicOf = (system: string | null, name: string | null): Topic | null =>
  system === null || name === null ? null : { system, name };
