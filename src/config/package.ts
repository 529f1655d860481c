import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const IS_BUILT = path.basename(path.resolve(__dirname, '../..')) === 'dist';
const FILE = path.resolve(__dirname, IS_BUILT ? '../../../package.json' : '../../package.json');

/** The version of this program, from its package. */
export const packageVersion = (): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(FILE, 'utf8'))).version;
