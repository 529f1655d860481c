import type { ExecutionState } from '../../../domain/execution/execution';
import { commandLine } from '../../../steps/run/command-line';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import { PROGRAM } from '../../invocation';
import type { Texts } from '../../texts/texts';

/** What comes after what is under way, or who has to decide; undefined when the release has ended. */
export function nextText(
  { phase, batch, plan = [] }: ExecutionState,
  release: { service: string; version: string },
  { t, duration }: Texts,
): string | undefined {
  const named = { ...release, program: PROGRAM };
  switch (phase) {
    case 'waiting_approval':
    case 'observing':
    case 'repairing': {
      const next = plan.find(({ batch_id: id }) => id === batch + 1);
      if (next === undefined) return t('release.then.end');
      const hosts = t('hosts', { count: next.hosts.length });
      return t('release.then.batch', { batch: next.batch_id, hosts });
    }
    case 'deploying': {
      const now = plan.find(({ batch_id: id }) => id === batch);
      const seconds = parseSeconds(now?.observation_time ?? '');
      return now && t('release.then.observe', { duration: duration(seconds) });
    }
    case 'paused':
    case 'needs_person':
      return t('release.then.person', {
        goOn: commandLine('rollout continue', named),
        abort: `${commandLine('rollout abort', named)} --reason TEXT [--rollback]`,
      });
    case 'waiting_issue':
    case 'rolling_back':
    case 'completed':
    case 'rolled_back':
    case 'aborted':
      return undefined;
  }
}
