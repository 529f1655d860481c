/**
 * `npm run sbom`: CycloneDX of what is installed in production, from the lock file alone, on stdout. npm's own
 * `--omit dev` leaves out most transitive packages, so the marks of development are read here.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const about = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const { stdout, stderr, status, error } = spawnSync(
  'npm',
  [
    ...['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'],
    // Of `npm run --silent`, which is handed on, it would say nothing.
    '--loglevel=error',
  ],
  { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' },
);
if (status !== 0) {
  console.error(`npm sbom failed: ${error?.message ?? stderr.trim()}`);
  process.exit(1);
}

const bom = JSON.parse(stdout);
const isDevelopment = ({ properties = [] }) =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
const components = bom.components.filter((component) => !isDevelopment(component));
const root = bom.metadata.component;
const kept = new Set([root['bom-ref'], ...components.map((component) => component['bom-ref'])]);
const dependencies = bom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((it) => kept.has(it)) }));

/** npm takes the folder's name for the program's. */
const component = { ...root, name: about.name, version: about.version };
const metadata = { ...bom.metadata, component };
console.log(JSON.stringify({ ...bom, metadata, components, dependencies }, null, 2));
console.error(`${components.length} production components`);
