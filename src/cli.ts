#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { InvalidInputError } from './client';
import { loadConfig } from './config/config';
import { codec } from './cli/commands/codec';
import { demo } from './cli/commands/demo';
import { doctor } from './cli/commands/doctor';
import { CommandError, EXIT, tell } from './cli/exit';
import { list, show } from './cli/commands/issues';
import { checkKnowledge } from './cli/commands/knowledge';
import { prepare } from './cli/commands/prepare';
import { cancel, resume, retry, status } from './cli/commands/run';
import { TRIALS, tryStep } from './cli/commands/try';
import { hideInLastWords } from './bootstrap/uncaught-exception';
import { runWorker } from './worker';

const hosts = () =>
  new Option('--hosts <file>', 'JSON list of {host_id, host_ip}; - for stdin; default all hosts');
const ofDryRun = () => new Option('--dry-run', 'the run that records and delivers nothing');
const json = () => new Option('--json', 'print JSON');

function program(): Command {
  const root = new Command('release-prep')
    .description(
      'Prepares a release: verifies, predicts risks, chooses metrics and thresholds, plans gray batches, records one issue.',
    )
    .exitOverride()
    .showHelpAfterError();
  root
    .command('prepare')
    .description('start a preparation (or join the running one), show progress, print the issue')
    .requiredOption('--service <name>', 'the service to release')
    .requiredOption('--version <version>', 'the version to release')
    .addOption(hosts())
    .option('--executor <workflow-id>', 'who gets the issue by signal')
    .addOption(json())
    .option('--detach', 'start and return')
    .option('--dry-run', 'record and deliver nothing')
    .option(
      '--override-by <name>',
      'go on in spite of a release in progress or a freeze: who decides',
    )
    .option('--override-reason <text>', 'and why; both stand in the issue')
    .addOption(
      new Option('--on-failure <what>', 'when a step has failed for good: end, or wait for `retry`')
        .choices(['fail', 'wait'])
        .default(undefined, 'fail'),
    )
    .option('--embedded', 'start a Temporal dev server and a worker inside this command')
    .action(prepare);
  root
    .command('show <service-or-issue> [version]')
    .description('a recorded issue: the newest of a service and version, or by its id')
    .addOption(json())
    .option('--markdown')
    .option('--html')
    .action(show);
  root
    .command('list')
    .description('recorded issues, the newest first')
    .option('--service <name>')
    .option('--limit <n>', 'how many', '50')
    .addOption(json())
    .action(list);
  root
    .command('status <service> <version>')
    .description('where a run stands')
    .addOption(json())
    .addOption(ofDryRun())
    .action(status);
  root
    .command('cancel <service> <version>')
    .description('cancel a run')
    .addOption(ofDryRun())
    .action(cancel);
  root
    .command('resume <service> <version>')
    .description('continue a run that ended without an issue, from what failed')
    .addOption(json())
    .option('--detach', 'resume and return')
    .addOption(ofDryRun())
    .action(resume);
  root
    .command('retry <service> <version>')
    .description('run again what failed in a run that waits (prepare --on-failure wait)')
    .option('--step <name>', 'only this one, such as setThresholds or MetricAnalysis')
    .addOption(json())
    .option('--detach', 'retry and return')
    .addOption(ofDryRun())
    .action(retry);
  root
    .command('try <step>')
    .description(`one step alone, nothing recorded: ${TRIALS.join(', ')}`)
    .requiredOption('--service <name>')
    .option('--version <version>')
    .addOption(hosts())
    .addOption(json())
    .option('--markdown', 'plan: a table and a gantt chart')
    .option('--mermaid', 'plan: a gantt chart; chain: a flowchart')
    .action(tryStep);
  root
    .command('knowledge')
    .description('the knowledge base')
    .command('check [dir]')
    .description('every error with file and line')
    .action(checkKnowledge);
  root.command('doctor').description('each configured upstream, one line').action(doctor);
  root
    .command('codec')
    .description('serve the Temporal Web UI and CLI: decrypt and resolve payloads, until SIGTERM')
    .option('--address <host:port>', 'where it listens', '127.0.0.1:8888')
    .action(codec);
  root
    .command('worker')
    .description('work until SIGTERM')
    .action(() => runWorker(loadConfig()));
  root
    .command('demo')
    .description('everything embedded, sandbox upstreams, one preparation')
    .addOption(json())
    .option('--stay', 'keep server, Web UI and worker up')
    .action(demo);
  return root;
}

/** Runs a command; the exit code is the contract's. */
async function main(argv: string[]): Promise<number> {
  try {
    await program().parseAsync(argv);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    tell(error instanceof Error ? error.message : String(error));
    if (error instanceof CommandError) return error.exitCode;
    const ours = error instanceof InvalidInputError || (error as Error).name === 'ConfigError';
    return ours ? EXIT.usage : EXIT.failed;
  }
}

/** A pipe may still hold output; an exit would cut it. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write('', () => resolve()));

hideInLastWords();
void main(process.argv).then(async (code) => {
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(code);
});
