import { Command, Option } from 'commander';
import { writeMessage, writeResult } from '../adapters/terminal/output';
import { packageVersion } from '../config/package';
import { EXPORT_TARGETS, FAULTS, PROMETHEUS_CHOICES, TRIALS } from './choices';
import { addExamples } from './help-examples';
import { json } from './json-option';
import { lang } from './lang-option';
import { later } from './later';
import { requireOptions } from './required-options';
import { addRolloutCommands } from './rollout-commands';

const hosts = () =>
  new Option('--hosts <file>', 'JSON list of {host_id, host_ip}; - for stdin; default all hosts');
const ofDryRun = () => new Option('--dry-run', 'the run that was started with --dry-run');
const allowUnknownService = () =>
  new Option(
    '--allow-unknown-service',
    'go on without metrics when Prometheus has no series of the service',
  );
/** A command and its arguments; that most have options would leave 80 columns no room for what they do. */
const termOf = (command: Command): string =>
  [
    command.name(),
    ...command.registeredArguments.map((one) =>
      one.required ? `<${one.name()}>` : `[${one.name()}]`,
    ),
  ].join(' ');

/** The command line: every command with its options; docs/cli.md is written from it (`npm run docs`). */
export function program(): Command {
  const root = new Command('release-prep')
    .description(
      'Prepares a release: verifies, predicts risks, chooses metrics and thresholds, plans gray batches, records one issue.',
    )
    .version(packageVersion())
    // `--version` before a command is the program's, after it the release's.
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({ writeOut: writeResult, writeErr: writeMessage })
    .showHelpAfterError('(add --help for options and examples)');
  requireOptions(
    root
      .command('prepare')
      .description('start a preparation (or join the running one), show progress, print the issue'),
    {
      '--service <name>': 'the service to release',
      '--version <version>': 'the version to release',
    },
  )
    .addOption(hosts())
    .option('--executor <workflow-id>', 'signal the issue to this running workflow')
    .option('--execute', 'signal the issue to ReleaseExecutorWorkflow, started if it does not run')
    .option('--no-delivery', 'record the issue and signal nobody')
    .addOption(json())
    .addOption(lang())
    .option('--detach', 'start and return')
    .option('--dry-run', 'record and deliver nothing')
    .option(
      '--override-by <name>',
      'who decides to continue despite a release in progress or a freeze',
    )
    .option('--override-reason <text>', 'why; name and reason are recorded in the issue')
    .addOption(
      new Option(
        '--on-failure <what>',
        'when a step has failed for good: fail ends the run, wait keeps it for `retry`',
      )
        .choices(['fail', 'wait'])
        .default(undefined, 'fail'),
    )
    .addOption(allowUnknownService())
    .option('--by <name>', 'who asks for the release; default the user of the operating system')
    .option('--embedded', 'start a Temporal dev server and a worker inside this command')
    .action(later(async () => (await import('./commands/prepare')).prepare));
  root
    .command('show <service-or-issue> [version]')
    .description('print a recorded issue: the newest of a service or a version, or one by its id')
    .addOption(json())
    .option('--markdown', 'print Markdown')
    .option('--html', 'print one HTML page')
    .addOption(lang())
    .action(later(async () => (await import('./commands/issues')).show));
  requireOptions(
    root
      .command('check <service-or-issue> [version]')
      .description(
        'say whether an action is within a recorded issue; exit code 3 when it is refused',
      ),
    { '--action <file>': 'JSON of one action; - reads JSON lines {action, state, at} from stdin' },
  )
    .option('--state <file>', 'JSON {"events": [...]}: what has happened in the release')
    .option('--at <time>', 'when, RFC 3339; default now')
    .action(later(async () => (await import('./commands/check')).check));
  requireOptions(
    root
      .command('export <service-or-issue> [version]')
      .description(
        'print the plan of a recorded issue for another executor; stderr says what that executor cannot carry',
      ),
    { '--to <target>': EXPORT_TARGETS.join(', ') },
  )
    .option('--out <dir>', 'write files into this folder instead of printing')
    .option('--force', 'overwrite files in that folder that differ')
    .action(later(async () => (await import('./commands/export')).exportTo));
  root
    .command('list')
    .description('list recorded issues, the newest first')
    .option('--service <name>', 'only of this service')
    .option('--limit <n>', 'how many', '50')
    .option('--outcomes', 'how their releases went, and how well the predictions held')
    .addOption(json())
    .addOption(lang())
    .action(later(async () => (await import('./commands/issues')).list));
  root
    .command('status <service> <version>')
    .description('the state of a run: progress, attempts, last error')
    .addOption(json())
    .option('--watch', 'follow the run until it ends')
    .addOption(ofDryRun())
    .action(later(async () => (await import('./commands/run')).status));
  root
    .command('cancel <service> <version>')
    .description('cancel a run')
    .addOption(ofDryRun())
    .action(later(async () => (await import('./commands/run')).cancel));
  root
    .command('resume <service> <version>')
    .description('continue a run that ended without an issue from the step that failed')
    .addOption(json())
    .option('--detach', 'resume and return')
    .addOption(ofDryRun())
    .action(later(async () => (await import('./commands/run')).resume));
  root
    .command('retry <service> <version>')
    .description('retry what failed in a run that waits (prepare --on-failure wait)')
    .option('--step <name>', 'only this one, such as setThresholds or MetricAnalysis')
    .addOption(json())
    .option('--detach', 'retry and return')
    .addOption(ofDryRun())
    .action(later(async () => (await import('./commands/run')).retry));
  requireOptions(
    root
      .command('try <step>')
      .description(`run one step alone and record nothing: ${TRIALS.join(', ')}`),
    { '--service <name>': 'the service' },
  )
    .option('--version <version>', 'the version to release; verify and risks need it')
    .addOption(hosts())
    .addOption(json())
    .addOption(allowUnknownService())
    .option('--markdown', 'plan: a table and a gantt chart')
    .option('--mermaid', 'plan: a gantt chart; chain: a flowchart')
    .option(
      '--explain <services...>',
      'chain: two services A B; the shortest path of spans by which A leads to B',
    )
    .action(later(async () => (await import('./commands/try')).tryStep));
  const claim = root.command('claim').description('who holds a service');
  claim
    .command('show <service>')
    .description('who prepares or releases a service, and until when')
    .addOption(json())
    .action(later(async () => (await import('./commands/claim')).showClaim));
  requireOptions(
    claim
      .command('release <service>')
      .description('free a service by hand; name and reason are recorded'),
    { '--by <name>': 'who frees it', '--reason <text>': 'why' },
  )
    .addOption(json())
    .action(later(async () => (await import('./commands/claim')).releaseClaim));
  addRolloutCommands(root);
  root
    .command('knowledge')
    .description('the knowledge base')
    .command('check [dir]')
    .description('check your knowledge over the shipped base: every error with file and line')
    .action(later(async () => (await import('./commands/knowledge')).checkKnowledge));
  root
    .command('init')
    .description('write .env, hosts.json and a service profile into this folder; overwrite nothing')
    .option('--kubernetes', 'also write manifests for Kubernetes')
    .action(later(async () => (await import('./commands/init')).init));
  root
    .command('doctor')
    .description('check each configured upstream: one line each')
    .action(later(async () => (await import('./commands/doctor')).doctor));
  root
    .command('serve')
    .description('HTTP API and gates for other executors, until SIGTERM')
    .action(later(async () => (await import('./commands/serve/serve')).serve));
  root
    .command('mcp')
    .description('recorded issues for agents: an MCP server over stdio, until stdin ends')
    .action(later(async () => (await import('./commands/serve/mcp')).mcp));
  root
    .command('codec')
    .description('decode payloads for the Temporal Web UI and CLI until SIGTERM')
    .option('--address <host:port>', 'where it listens', '127.0.0.1:8888')
    .action(later(async () => (await import('./commands/codec')).codec));
  root
    .command('worker')
    .description('run a worker until SIGTERM')
    .action(async () => {
      const [{ runWorker }, { loadConfig }] = await Promise.all([
        import('../worker'),
        import('../config/config'),
      ]);
      await runWorker(loadConfig());
    });
  root
    .command('demo')
    .description(
      'prepare one release with embedded servers and sandbox upstreams; with --execute also carry it out',
    )
    .option('--execute', 'also carry the release out, with a short policy: about a minute')
    .addOption(
      new Option('--fault <kind>', 'with --execute: what is wrong with the new version').choices(
        FAULTS,
      ),
    )
    .addOption(json())
    .addOption(lang())
    .option('--stay', 'keep server, Web UI and worker running')
    .addOption(
      new Option(
        '--prometheus <which>',
        'real: prometheus and promtool of PATH, stand-in: a simulation, auto: real if PATH has it',
      )
        .choices(PROMETHEUS_CHOICES)
        .default('auto'),
    )
    .action(later(async () => (await import('./commands/demo/demo')).demo));
  addExamples(root);
  return root;
}
