/**
 * npm run bench:names -- SOURCE...: which metric names of the knowledge base stand in public sources, files or folders
 * of exporters' own pages, alert rules or benchmark cases; and what a name that stands in none was probably meant to be.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { distance } from 'fastest-levenshtein';
import { canonical, isPattern } from '../../src/steps/knowledge/glob';
import { shippedKnowledge } from '../fixtures/knowledge';

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/g;
const PART = /_(?:bucket|sum|count)$/;
/** Files that hold no names, or too much else. */
const SKIPPED = /\.(?:png|jpe?g|gif|svg|gz|zip|lock|woff2?)$/;
const MAX_BYTES = 8_000_000;
/** So near a name of the same family is more likely a slip than another name. */
const NEAR = 2;

const bare = (name: string): string => canonical(name.replace(PART, ''));

function filesOf(source: string): string[] {
  if (statSync(source).isFile()) return [source];
  return readdirSync(source, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !SKIPPED.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function namesIn(sources: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const file of sources.flatMap(filesOf)) {
    if (statSync(file).size > MAX_BYTES) continue;
    for (const [name] of readFileSync(file, 'utf8').matchAll(NAME)) found.add(bare(name));
  }
  return found;
}

async function main(sources: readonly string[]): Promise<void> {
  if (sources.length === 0) throw new Error('Which sources? npm run bench:names -- FOLDER...');
  const knowledge = await shippedKnowledge();
  const published = namesIn(sources);
  let all = 0;
  let seen = 0;
  for (const { id, groups } of knowledge.technologies) {
    const levels = groups.flatMap((group) => group.levels);
    const told = levels.flatMap(({ match, of = [] }) => [...match, ...of]);
    const names = [...new Set(told.filter((name) => !isPattern(name)))];
    const missing = names.filter((name) => !published.has(bare(name)));
    all += names.length;
    seen += names.length - missing.length;
    if (missing.length > 0)
      console.log(`${id}: ${missing.map((n) => n + meant(n, published)).join(', ')}`);
  }
  console.log(`${seen} of ${all} names stand in the sources`);
}

function meant(name: string, published: ReadonlySet<string>): string {
  const [family] = name.split('_');
  const near = [...published].find(
    (other) => other.startsWith(`${family}_`) && distance(bare(name), other) <= NEAR,
  );
  return near === undefined ? '' : ` (${near}?)`;
}

void main(process.argv.slice(2));
