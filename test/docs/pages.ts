/** Writes the generated pages of docs: `npm run docs`. test/docs/pages.test.ts fails when they are stale. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { cliPage } from './cli';
import { configurationPage } from './configuration';
import { envExample } from './env-example';

export const DOCS = path.resolve(__dirname, '../../docs');

/** File name → content. */
export const generatedPages = (): Record<string, string> => ({
  'cli.md': cliPage(),
  'configuration.md': configurationPage(),
  '../.env.example': envExample(),
});

if (require.main === module) {
  for (const [name, content] of Object.entries(generatedPages()))
    writeFileSync(path.join(DOCS, name), content);
}
