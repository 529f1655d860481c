/** A release as the commands name it. `program` is how a command begins where it is typed; default `release-prep`. */
export type Named = { service: string; version: string; dryRun?: boolean; program?: string };

const PROGRAM = 'release-prep';

/** The command for pasting into a shell, safe for any name. */
export function commandLine(
  command: 'status' | 'resume' | 'retry' | 'cancel' | `rollout ${'status' | 'continue' | 'abort'}`,
  { service, version, dryRun, program = PROGRAM }: Named,
): string {
  const names = [service, version];
  const parts = [
    `${program} ${command}`,
    ...(dryRun ? ['--dry-run'] : []),
    // A name that begins with a dash must not be read as an option.
    ...(names.some((name) => name.startsWith('-')) ? ['--'] : []),
    ...names.map(quoted),
  ];
  return parts.join(' ');
}

/** `prepare` for the same release: starts it again, or joins the run in progress. */
export const prepareLine = ({ service, version, dryRun, program = PROGRAM }: Named): string =>
  `${program} prepare --service=${quoted(service)} --version=${quoted(version)}${dryRun ? ' --dry-run' : ''}`;

/** A name in single quotes, in which a shell reads nothing but the next quote. */
const quoted = (name: string): string => `'${name.replaceAll("'", `'\\''`)}'`;
