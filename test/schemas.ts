/** Writes docs/schemas from the zod schemas: `npm run schemas`. test/schemas.test.ts fails when they are stale. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { Issue } from '../src/domain/issue';
import { RiskDocument } from '../src/domain/knowledge/risk-document';
import { RolloutDocument } from '../src/domain/knowledge/rollout-document';
import { ServiceDocument } from '../src/domain/knowledge/service-document';
import { TechnologyDocument } from '../src/domain/knowledge/technology-document';
import { ReleaseRequest } from '../src/domain/release';

export const SCHEMA_FOLDER = path.resolve(__dirname, '../docs/schemas');

const SCHEMAS = {
  issue: Issue,
  'release-request': ReleaseRequest,
  'knowledge-risk': RiskDocument,
  'knowledge-technology': TechnologyDocument,
  'knowledge-rollout': RolloutDocument,
  'knowledge-service': ServiceDocument,
};

/** File name → content. */
export const schemaFiles = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => [
      `${name}.schema.json`,
      `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`,
    ]),
  );

if (require.main === module) {
  mkdirSync(SCHEMA_FOLDER, { recursive: true });
  for (const [name, content] of Object.entries(schemaFiles()))
    writeFileSync(path.join(SCHEMA_FOLDER, name), content);
}
