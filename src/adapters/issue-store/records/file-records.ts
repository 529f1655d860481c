import { link, readdir } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { writeWhole } from '../../files/atomic-file';
import { PlainFileError, readPlainFile } from '../../files/plain-file';
import { UpstreamError } from '../../upstream/upstream-error';
import { fileFault } from '../file-fault';
import { contentOf } from '../seal';
import { MAX_RECORD_BYTES, type RecordBackend, type StoredRecord } from './record-backend';

const READS_AT_ONCE = 16;
const NAME = /^[a-z0-9-]+$/;

/** One folder an issue and kind, one file a record: `records/ISSUE_ID.KIND/KEY.json`. */
export function fileRecords(store: string): RecordBackend {
  const folderOf = (kind: string, issueId: string): string => {
    if (!NAME.test(issueId)) throw broken(`no issue id: ${issueId}`);
    return path.join(store, 'records', `${issueId}.${kind}`);
  };
  const readKeys = async (folder: string, keys: readonly string[]): Promise<StoredRecord[]> => {
    const atOnce = pLimit(READS_AT_ONCE);
    const stored = await Promise.all(keys.map((key) => atOnce(() => readRecord(folder, key))));
    return stored.flatMap((one) => one ?? []);
  };
  return {
    async create(kind, issueId, key, content) {
      if (!NAME.test(key)) throw broken(`no key of a record: ${key}`);
      try {
        const text = `${JSON.stringify(content)}\n`;
        await writeWhole(folderOf(kind, issueId), `${key}.json`, text, link);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        if (error instanceof UpstreamError) throw error;
        throw fileFault(error);
      }
    },
    read: (kind, issueId, keys) => readKeys(folderOf(kind, issueId), keys),
    async list(kind, issueId, limit) {
      const folder = folderOf(kind, issueId);
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
        if (error.code === 'ENOENT') return [];
        throw fileFault(error);
      });
      const keys = names
        .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
        .map((name) => path.basename(name, '.json'))
        .sort();
      return readKeys(folder, keys.slice(0, limit));
    },
  };
}

/** Undefined when it is not there. */
async function readRecord(folder: string, key: string): Promise<StoredRecord | undefined> {
  const file = path.join(folder, `${key}.json`);
  try {
    return { key, content: contentOf(await readPlainFile(file, MAX_RECORD_BYTES), file) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // A link, a folder or half a text is no record, and must not hide the others.
    if (error instanceof UpstreamError || error instanceof PlainFileError)
      return { key, content: null };
    throw fileFault(error);
  }
}

const broken = (reason: string) => new UpstreamError('issue-store', reason, { permanent: true });
