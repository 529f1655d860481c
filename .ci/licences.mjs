/**
 * `npm run licences`: from the lock file alone, that every production package has a licence of the list below, and that
 * every package comes from the registry, pinned by its digest.
 */
import { readFileSync } from 'node:fs';

/** Permissive: they ask for their notice and nothing of the program around them. */
const ALLOWED = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'],
  ...['BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'Python-2.0', 'Zlib'],
]);

/** Looked at one by one. */
const EXCEPTIONS = new Map([
  ['caniuse-lite', 'CC-BY-4.0'], // A table of data that the bundler asks; nothing of it is in the bundle.
  ['unionfs', 'none stated'], // Its LICENSE file is the Unlicense.
]);

/** Where npm takes a package from that the lock file names no address of. */
const REGISTRY = 'https://registry.npmjs.org/';

const lock = readLock();
const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
const errors = [];
const counts = new Map();

for (const [place, entry] of packages) {
  const name = place.replace(/^.*node_modules\//, '');
  const label = `${name} ${entry.version}`;
  if (!/^sha512-/.test(entry.integrity ?? ''))
    errors.push(`${label}: no sha512 digest in the lock file`);
  if (entry.link || !(entry.resolved ?? REGISTRY).startsWith(REGISTRY))
    errors.push(`${label}: comes from ${entry.resolved}, not from the registry`);
  if (entry.dev) continue;
  const licence = entry.license ?? 'none stated';
  counts.set(licence, (counts.get(licence) ?? 0) + 1);
  if (!isAllowed(licence) && EXCEPTIONS.get(name) !== licence)
    errors.push(`${label}: licence ${licence} is not on the list of .ci/licences.mjs`);
}

for (const [licence, count] of [...counts].sort((a, b) => b[1] - a[1]))
  console.log(`${String(count).padStart(4)} ${licence}`);
for (const error of errors) console.error(error);
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
console.log(
  `${total} production packages, ${packages.length} locked in all, ${errors.length} errors`,
);
process.exit(errors.length > 0 ? 1 : 0);

/** An SPDX expression: of alternatives one has to be allowed, of licences that hold together all. */
function isAllowed(expression) {
  return expression
    .replace(/[()]/g, '')
    .split(/\s+OR\s+/)
    .some((part) => part.split(/\s+AND\s+/).every((licence) => ALLOWED.has(licence.trim())));
}

function readLock() {
  try {
    return JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
  } catch (error) {
    console.error(`package-lock.json cannot be read, so nothing was checked: ${error.message}`);
    process.exit(1);
  }
}
