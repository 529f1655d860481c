import { PlainFileError } from '../files/plain-file';
import { UpstreamError } from '../upstream/upstream-error';

/** The user of this process, a read-only disk, or what else stands at the path: the next try finds the same. */
const LASTING: readonly (string | undefined)[] = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
];

/** What the file system said of a file of the store. */
export function fileFault(error: unknown, file?: string): UpstreamError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new UpstreamError('issue-store', file === undefined ? message : `${file}: ${message}`, {
    permanent: error instanceof PlainFileError || LASTING.includes(code),
    cause: error,
  });
}
