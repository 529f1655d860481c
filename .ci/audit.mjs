/**
 * `npm run audit`: known vulnerabilities of what is installed in production. Ends with 0 when none is high or critical,
 * 1 when one is, and 3 when the registry gave no answer: an audit that was not made is no audit that was passed.
 */
import { spawnSync } from 'node:child_process';

const NOT_MADE = 3;
const GRAVE = ['high', 'critical'];

const { stdout, stderr, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  // The worst reports are the longest.
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});
const report = parse(stdout);

if (report?.auditReportVersion === undefined) {
  const reason = report?.message ?? report?.error?.summary ?? error?.message ?? stderr ?? '';
  console.error(`
THE DEPENDENCY AUDIT WAS NOT MADE: the registry has no answer to npm audit.
  ${String(reason).trim().split('\n')[0] || 'no reason given'}
  Nothing is known about vulnerabilities of the locked versions. Run "npm run audit" where the registry's
  advisory endpoint can be reached, or feed the SBOM (npm run sbom) to a scanner with its own database.
`);
  process.exit(NOT_MADE);
}

const found = Object.values(report.vulnerabilities);
for (const { name, severity, range, fixAvailable } of found)
  console.log(
    `${severity.padEnd(8)} ${name} ${range}${fixAvailable ? ' (a fix is available)' : ''}`,
  );
const grave = found.filter(({ severity }) => GRAVE.includes(severity));
console.log(
  `audited ${report.metadata.dependencies.prod} production packages: ${found.length} vulnerable, ${grave.length} of them high or critical`,
);
process.exit(grave.length > 0 ? 1 : 0);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
