import canonicalize from 'canonicalize';
import { z } from 'zod';
import { checkSeal, SealError, sealOf, type Sealing } from '../keyed-seal';
import { checkShape } from '../../upstream/bounded-json';
import type { RecordBackend, RecordKind, StoredRecord } from './record-backend';

type Place = { kind: RecordKind; issueId: string };
const Content = z.record(z.string(), z.unknown());

/**
 * The backend with a keyed seal in the field `seal` of each record. The seal is over the content and its place (kind,
 * issue, key), so a record cannot be moved. Without `sealing` the field is ignored.
 */
export function sealedRecords(
  backend: RecordBackend,
  where: string,
  sealing: Sealing | undefined,
): RecordBackend {
  /** Outcomes are read by the dozen, and nothing is allowed by one. */
  const sealingOf = ({ kind }: Place) =>
    kind === 'outcome' ? sealing && { ...sealing, onUnsealed: undefined } : sealing;
  const open = (place: Place, record: StoredRecord): StoredRecord => {
    const read = checkShape(Content, record.content);
    // A list or a text has no place for a seal.
    if (!read.success) return { key: record.key, content: null };
    const { seal, ...content } = read.data;
    const by = sealingOf(place);
    if (by === undefined) return { key: record.key, content };
    const sealed = {
      named: `the ${place.kind} ${record.key} of ${place.issueId} in ${where}`,
      text: textOf(place, record.key, content),
      remedy: 'remove it',
    };
    try {
      checkSeal(sealed, seal, by);
      return { key: record.key, content };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return { key: record.key, content: null, fault: error };
    }
  };
  return {
    create(kind, issueId, key, content) {
      const seal = sealing && sealOf(textOf({ kind, issueId }, key, content), sealing);
      return backend.create(
        kind,
        issueId,
        key,
        seal === undefined ? content : { ...content, seal },
      );
    },
    async read(kind, issueId, keys) {
      const records = await backend.read(kind, issueId, keys);
      return records.map((record) => open({ kind, issueId }, record));
    },
    async list(kind, issueId, limit) {
      const records = await backend.list(kind, issueId, limit);
      return records.map((record) => open({ kind, issueId }, record));
    },
  };
}

/** Canonical JSON (RFC 8785); no issue has these fields, so the seal of an issue never fits a record. */
const textOf = ({ kind, issueId }: Place, key: string, content: object): string =>
  canonicalize({ kind, issue_id: issueId, key, content }) ?? '';
