import type { Command } from 'commander';
import { json } from './json-option';
import { lang } from './lang-option';
import { later } from './later';

/** `rollout status|approve|pause|continue|abort`: a release that is carried out, seen and steered. */
export function addRolloutCommands(root: Command): void {
  const rollout = root.command('rollout').description('see and steer a release');
  rollout
    .command('approve <service> <version>')
    .description('approve the newest issue; it is recorded, and sent to the executor if one runs')
    .option('--by <name>', 'who approves; default the user of the operating system')
    .option('--reason <text>', 'why')
    .option('--digest <digest>', 'refuse when the newest issue has another one')
    .addOption(json())
    .action(later(async () => (await import('./commands/rollout')).approveRollout));
  rollout
    .command('status <service> <version>')
    .description('the state of a release and its reason: batches, hosts, rules, events')
    .option('--watch', 'follow the release until it ends')
    .addOption(json())
    .addOption(lang())
    .action(later(async () => (await import('./commands/rollout-steer')).rolloutStatus));
  const steered = (name: string, description: string) =>
    rollout
      .command(`${name} <service> <version>`)
      .description(description)
      .option('--by <name>', 'who; default the user of the operating system')
      .addOption(json())
      .addOption(lang());
  steered('pause', 'begin nothing further until `continue`')
    .option('--reason <text>', 'why; recorded')
    .action(later(async () => (await import('./commands/rollout-steer')).pauseRollout));
  steered('continue', 'go on after a pause, or try a failed rollback again').action(
    later(async () => (await import('./commands/rollout-steer')).continueRollout),
  );
  steered('abort', 'end a release')
    .option('--reason <text>', 'why; recorded')
    .option('--rollback', 'put the released hosts back to what they ran')
    .action(later(async () => (await import('./commands/rollout-steer')).abortRollout));
}
