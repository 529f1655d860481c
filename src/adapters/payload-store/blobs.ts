/** Bytes by name, written once: the name is the digest of the content. */
/** A plan for a million hosts; anything larger is a mistake. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

export type Blobs = {
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Null if there is no blob with that name. */
  read(name: string): Promise<Uint8Array | null>;
};
