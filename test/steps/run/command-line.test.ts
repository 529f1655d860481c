import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { commandLine, prepareLine } from '../../../src/steps/run/command-line';

it('names the release, and the run that records nothing', () => {
  const release = { service: 'user-service', version: 'v1.1.0' };
  expect(commandLine('resume', release)).toBe("release-prep resume 'user-service' 'v1.1.0'");
  expect(commandLine('retry', { ...release, dryRun: true })).toBe(
    "release-prep retry --dry-run 'user-service' 'v1.1.0'",
  );
  expect(prepareLine(release)).toBe(
    "release-prep prepare --service='user-service' --version='v1.1.0'",
  );
});

it('puts an end to options before a name that begins with a dash', () => {
  expect(commandLine('cancel', { service: '-x', version: 'v1' })).toBe(
    "release-prep cancel -- '-x' 'v1'",
  );
});

it('comes through a shell as the names are, whatever they hold', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(name, (service) => {
      const line = commandLine('resume', { service, version: "v'1" });
      const shell = line.replace('release-prep', 'printf "%s\\n"');
      const words = execFileSync('/bin/sh', ['-c', shell]).toString();
      const dashes = service.startsWith('-') ? '--\n' : '';
      expect(words).toBe(`resume\n${dashes}${service}\nv'1\n`);
    }),
    { numRuns: 25 },
  );
});
