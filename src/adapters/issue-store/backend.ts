import type { Issue } from '../../domain/issue';
import type { Seal } from './keyed-seal';

/** Where issues are stored: one document per id, written once. */
export type IssueBackend = {
  /** Where it is, for messages. */
  where: string;
  /** False when the id is taken; a reader never sees half a document, or one without its seal. */
  create(issue: Issue, seal?: Seal): Promise<boolean>;
  /** The stored JSON and its seal, or null when there is no document with this id. */
  read(issueId: string): Promise<Stored | null>;
  /** The newest first. */
  list(filter: { service?: string; limit: number }): Promise<StoredDocument[]>;
  /** Names of services that have documents, unchecked: at most `limit`, those with many documents first or in any order. */
  services(limit: number): Promise<string[]>;
};

/** What is stored, not yet checked; `seal` is undefined when there is none. */
export type Stored = { content: unknown; seal?: unknown };
export type StoredDocument = Stored & { id: string };
