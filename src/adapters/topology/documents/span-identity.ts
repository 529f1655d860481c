import type { Query, SpanSchema } from '../schemas/topology-schema';

/** Queries for spans by their own ids and by those of their parents, where both are plain fields. */
export const byFields = (
  ids: readonly string[],
  parents: readonly string[],
): Pick<SpanSchema['identity'], 'withIds' | 'childrenOf'> => ({
  withIds: (wanted, resolve) => anyOf(ids.map(resolve), wanted),
  childrenOf: (wanted, resolve) => anyOf(parents.map(resolve), wanted),
});

export const anyOf = (fields: readonly string[], wanted: string[]): Query => ({
  bool: {
    should: fields.map((field) => ({ terms: { [field]: wanted } })),
    minimum_should_match: 1,
  },
});
