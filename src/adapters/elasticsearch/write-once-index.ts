import { errors, type Client, type estypes } from '@elastic/elasticsearch';

export type WriteOnceIndex = {
  /** False when the id is taken. Throws what the client throws. */
  create(id: string, document: object, options?: { refresh?: estypes.Refresh }): Promise<boolean>;
};

/**
 * An index whose documents are never overwritten; it is created with its mappings before the first write. Several
 * processes may do so at the same time.
 */
export function writeOnceIndex(
  client: Client,
  index: string,
  mappings: estypes.MappingTypeMapping,
): WriteOnceIndex {
  let ready: Promise<unknown> | undefined;
  const ensureIndex = () =>
    client.indices.create({ index, mappings }).catch((error: unknown) => {
      if (error instanceof errors.ResponseError && /already_exists/.test(error.message)) return;
      // The next write tries again.
      ready = undefined;
      throw error;
    });
  return {
    async create(id, document, options = {}) {
      await (ready ??= ensureIndex());
      try {
        await client.create({ index, id, document, ...options });
        return true;
      } catch (error) {
        if (error instanceof errors.ResponseError && error.statusCode === 409) return false;
        throw error;
      }
    },
  };
}
