import type { Span, Topic } from '../../steps/service-chain/span';

const KINDS: Record<string, Span['kind']> = {
  client: 'client',
  server: 'server',
  producer: 'producer',
  consumer: 'consumer',
};

/** `Client`, `CLIENT`, `SPAN_KIND_CLIENT`, `client`: one kind; everything unknown is internal. */
export const spanKind = (text: string | null): Span['kind'] =>
  KINDS[(text ?? '').toLowerCase().replace(/^span_kind_/, '')] ?? 'internal';

/** A topic needs both: names like `orders` stand in many systems. */
export const topicOf = (system: string | null, name: string | null): Topic | null =>
  system === null || name === null ? null : { system, name };
