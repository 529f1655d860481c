import { readFileSync } from 'node:fs';
import path from 'node:path';

const IS_BUILT = path.basename(path.resolve(__dirname, '../..')) === 'dist';

/** The folder of this program's package, built or not. */
export const PACKAGE_FOLDER = path.resolve(__dirname, IS_BUILT ? '../../..' : '../..');

/** The version of this program, from its package. */
export function packageVersion(): string {
  // eslint-disable-next-line no-restricted-syntax -- our own package.json
  const { version } = JSON.parse(
    readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8'),
  ) as {
    version: string;
  };
  return version;
}
