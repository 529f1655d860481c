/** Bytes by name, written once: the name is the digest of the content. */
export type Blobs = {
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Null if there is no blob with that name. */
  read(name: string): Promise<Uint8Array | null>;
};
