import type { UpstreamError } from '../../upstream/upstream-error';

/** What is kept with an issue, by kind. */
export type RecordKind = 'approval' | 'gate' | 'outcome';
/** The content is null when it cannot be read; `fault` says why it is not taken. */
export type StoredRecord = { key: string; content: unknown; fault?: UpstreamError };

/** Small documents stored with an issue, each written once under a key and never changed. */
export type RecordBackend = {
  /** False when the key is taken; a reader never sees half a document. */
  create(kind: RecordKind, issueId: string, key: string, content: object): Promise<boolean>;
  /** Those of the keys that are there, as they are at this moment. */
  read(kind: RecordKind, issueId: string, keys: readonly string[]): Promise<StoredRecord[]>;
  /** In the order of keys. */
  list(kind: RecordKind, issueId: string, limit: number): Promise<StoredRecord[]>;
};

/** An approval or an event with thousands of samples is smaller. */
export const MAX_RECORD_BYTES = 4 * 1024 * 1024;
