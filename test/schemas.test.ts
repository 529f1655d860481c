import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SCHEMA_FOLDER, schemaFiles } from './schemas';

it.each(Object.entries(schemaFiles()))(
  'docs/schemas/%s says what the code says (npm run schemas)',
  (name, content) => {
    expect(readFileSync(path.join(SCHEMA_FOLDER, name), 'utf8')).toBe(content);
  },
);
