import type { Span, Topic } from '../../../domain/topology/span';

const KINDS: readonly Span['kind'][] = ['client', 'server', 'producer', 'consumer'];

/** `Client`, `CLIENT`, `SPAN_KIND_CLIENT`, `client` are the same kind; an unknown kind is internal. */
export function spanKind(text: string | null): Span['kind'] {
  const name = (text ?? '').toLowerCase().replace(/^span_kind_/, '');
  return KINDS.find((kind) => kind === name) ?? 'internal';
}

/** Operations of a client that takes messages: some libraries (SQS) do not write the kind `consumer` for them. */
const TAKES = new Set(['receive', 'process', 'poll', 'deliver']);
export const OPERATIONS = ['messaging.operation.type', 'messaging.operation'];

/** The kind of a span whose attributes `read` gives. */
export function kindOf(text: string | null, read: (name: string) => string | null): Span['kind'] {
  const kind = spanKind(text);
  if (kind !== 'client' || read('messaging.system') === null) return kind;
  return OPERATIONS.some((name) => TAKES.has(read(name) ?? '')) ? 'consumer' : kind;
}

/** A topic needs both, since a name like `orders` exists in many systems. */
export const topicOf = (system: string | null, name: string | null): Topic | null =>
  system === null || name === null ? null : { system, name };
