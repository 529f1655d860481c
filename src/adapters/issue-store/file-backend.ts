import { checkShape, parseBoundedJson } from '../upstream/bounded-json';
import { link, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { z } from 'zod';
import { UpstreamError } from '../upstream/upstream-error';
import { writeWhole } from '../files/atomic-file';
import { readPlainFile, startOfPlainFile } from '../files/plain-file';
import type { IssueBackend, Stored, StoredDocument } from './backend';
import { fileFault } from './file-fault';
import { contentOf, idsOf } from './seal';

/** Most files open at the same time while a list is read. */
const READS_AT_ONCE = 16;
/** A plan for 100,000 hosts has 6 MB. */
const MAX_ISSUE_BYTES = 64 * 1024 * 1024;
const MAX_SEAL_BYTES = 4 * 1024;
/** The name of the service is the third field of an issue. */
const START_BYTES = 2_048;
/** Next to the issues, by digest: what two workers write for one digest is the same but for the key. */
const SEALS = 'seals';

/**
 * One JSON file an issue; a temporary file is linked into place, which fails when the name is taken. The seal is written
 * before its issue, so that a worker that is killed between the two leaves no issue without one. `readsSeals`: else
 * readers without keys would need access to the seals.
 */
export function fileBackend(folder: string, { readsSeals = false } = {}): IssueBackend {
  const seals = path.join(folder, SEALS);
  const fileOf = (issueId: string) => {
    if (!/^[a-z0-9-]+$/.test(issueId))
      throw new UpstreamError('issue-store', `no issue id: ${issueId}`, { permanent: true });
    return path.join(folder, `${issueId}.json`);
  };
  const readJson = async (file: string, maxBytes: number): Promise<unknown> => {
    try {
      return contentOf(await readPlainFile(file, maxBytes), file);
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw fileFault(error, file);
    }
  };
  const read = async (file: string): Promise<Stored | null> => {
    const content = await readJson(file, MAX_ISSUE_BYTES);
    if (content === null || !readsSeals) return content === null ? null : { content };
    const digest = checkShape(Digested, content).data?.digest;
    if (digest === undefined) return { content };
    const seal = await readJson(path.join(seals, sealNameOf(digest)), MAX_SEAL_BYTES);
    return { content, seal };
  };
  return {
    where: folder,
    async create(issue, seal) {
      const name = path.basename(fileOf(issue.issue_id));
      try {
        if (seal !== undefined)
          await writeWhole(seals, sealNameOf(issue.digest), `${JSON.stringify(seal)}\n`, rename);
        await writeWhole(folder, name, `${JSON.stringify(issue, null, 2)}\n`, link);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw fileFault(error);
      }
    },
    read: (issueId) => read(fileOf(issueId)),
    async list({ service, limit }) {
      const names = await namesIn(folder);
      // Every preparation reads the issues of its own service: not the files of all the others.
      const prefix = service === undefined ? '' : idsOf(service);
      const files = names.filter(
        (name) => name.endsWith('.json') && !name.startsWith('.') && name.startsWith(prefix),
      );
      const atOnce = pLimit(READS_AT_ONCE);
      const stored = await Promise.all(
        files.map((name) =>
          atOnce(async () => ({
            id: path.basename(name, '.json'),
            // An unreadable file is not an issue and must not hide the others.
            ...((await read(path.join(folder, name)).catch(() => null)) ?? { content: null }),
          })),
        ),
      );
      // What has no such fields is kept at the end, so that it is refused by its name.
      const fieldsOf = ({ content }: StoredDocument) => checkShape(Fields, content).data;
      return stored
        .filter((one) => service === undefined || (fieldsOf(one)?.service ?? service) === service)
        .sort((a, b) => timeOf(fieldsOf(b)) - timeOf(fieldsOf(a)))
        .slice(0, limit);
    },
    async services(limit) {
      const names = await namesIn(folder);
      // One file of each family: its revisions are of one service.
      const files = new Map(
        names.flatMap((name) => {
          const [, family] = /^([a-z0-9-]+)-r\d+\.json$/.exec(name) ?? [];
          return family === undefined ? [] : [[family, name] as const];
        }),
      );
      const atOnce = pLimit(READS_AT_ONCE);
      const found = await Promise.all(
        [...files.values()].slice(0, limit).map((name) =>
          atOnce(async () => {
            const start = await startOfPlainFile(path.join(folder, name), START_BYTES);
            return serviceIn(start);
          }).catch(() => undefined),
        ),
      );
      return [...new Set(found.flatMap((service) => service ?? []))];
    },
  };
}

/** A folder that is not there yet has none; one that may not be read is no empty store. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileFault(error);
  }
}

function serviceIn(start: string): string | undefined {
  const [, text] = /^ {2}"service": ("[^\n]*"),$/m.exec(start) ?? [];
  const name = text === undefined ? undefined : parseBoundedJson(text);
  return typeof name === 'string' ? name : undefined;
}

const Digested = z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const sealNameOf = (digest: string): string => `${digest.slice('sha256:'.length)}.json`;

const Fields = z.object({ service: z.string(), created_at: z.string() });
const timeOf = (fields: z.infer<typeof Fields> | undefined): number => {
  const time = Date.parse(fields?.created_at ?? '');
  return Number.isNaN(time) ? -Infinity : time;
};
