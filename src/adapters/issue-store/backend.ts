import type { Issue } from '../../domain/issue';

/** Where issues are stored: one document per id, written once. */
export type IssueBackend = {
  /** False when the id is taken; a reader never sees half a document. */
  create(issue: Issue): Promise<boolean>;
  /** The stored JSON, or null when there is no document with this id. */
  read(issueId: string): Promise<unknown>;
  /** The newest first. */
  list(filter: { service?: string; limit: number }): Promise<StoredDocument[]>;
};

/** The content stored under an id, not yet checked. */
export type StoredDocument = { id: string; content: unknown };
