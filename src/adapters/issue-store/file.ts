import { checkShape } from '../upstream/bounded-json';
import { link, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UpstreamError } from '../upstream/upstream-error';
import { writeWhole } from '../files/atomic-file';
import type { IssueBackend, StoredDocument } from './backend';
import { contentOf, idsOf } from './seal';

/** One JSON file an issue; a temporary file is linked into place, which fails when the name is taken. */
export function fileBackend(folder: string): IssueBackend {
  const fileOf = (issueId: string) => {
    if (!/^[a-z0-9-]+$/.test(issueId))
      throw new UpstreamError('issue-store', `no issue id: ${issueId}`, { permanent: true });
    return path.join(folder, `${issueId}.json`);
  };
  const read = async (file: string): Promise<unknown> => {
    try {
      return contentOf(await readFile(file, 'utf8'), file);
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new UpstreamError('issue-store', `${file}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  };
  return {
    async create(issue) {
      const name = path.basename(fileOf(issue.issue_id));
      try {
        await writeWhole(folder, name, `${JSON.stringify(issue, null, 2)}\n`, link);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw new UpstreamError('issue-store', (error as Error).message, { cause: error });
      }
    },
    read: (issueId) => read(fileOf(issueId)),
    async list({ service, limit }) {
      const names = await readdir(folder).catch((): string[] => []);
      // Every preparation reads the issues of its own service: not the files of all the others.
      const prefix = service === undefined ? '' : idsOf(service);
      const files = names.filter(
        (name) => name.endsWith('.json') && !name.startsWith('.') && name.startsWith(prefix),
      );
      const stored = await Promise.all(
        files.map(async (name) => ({
          id: path.basename(name, '.json'),
          content: await read(path.join(folder, name)),
        })),
      );
      // What has no such fields is kept, so that it is refused by its name.
      const fieldsOf = ({ content }: StoredDocument) => checkShape(Fields, content).data;
      return stored
        .filter((one) => service === undefined || (fieldsOf(one)?.service ?? service) === service)
        .sort((a, b) => timeOf(fieldsOf(b)) - timeOf(fieldsOf(a)))
        .slice(0, limit);
    },
  };
}

const Fields = z.object({ service: z.string(), created_at: z.string() });
const timeOf = (fields: z.infer<typeof Fields> | undefined): number => {
  const time = Date.parse(fields?.created_at ?? '');
  return Number.isNaN(time) ? Infinity : time;
};
