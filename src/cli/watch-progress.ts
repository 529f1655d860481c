import { liveBlock } from '../adapters/terminal/output';
import { plainText } from '../adapters/terminal/printable';
import type { ReleasePrepClient } from '../client';
import type { RunStatus } from '../client/run-status';
import { STEP_OF_ACTIVITY } from '../domain/names';
import { stuckText } from '../client/resume-run';
import type { Named } from '../steps/run/command-line';
import { waitingLines } from './render/status';
import { tell } from './print';

/** Poll interval: low load on the server, but still looks live. */
const EVERY_MS = 500;

/** Shows a run's steps on stderr until `stop`: a live block on a terminal, one line a change elsewhere. */
export function watchProgress(client: ReleasePrepClient, run: Named): { stop(): Promise<void> } {
  const live = liveBlock();
  let shown: string[] = [];
  let stopped = false;
  const look = async () => {
    const status = await client.status(run.service, run.version, run.dryRun).catch(() => null);
    if (status === null) return;
    const lines = linesOf(status, run).map(plainText);
    if (live) live.draw(lines.join('\n'));
    else lines.filter((line) => !shown.includes(line)).forEach(tell);
    shown = lines;
  };
  const loop = (async () => {
    while (!stopped) {
      await look();
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    await look();
    live?.done();
  })();
  return {
    stop: async () => {
      stopped = true;
      await loop;
    },
  };
}

function linesOf({ progress, pending, stuck }: RunStatus, run: Named): string[] {
  if (stuck !== undefined) return [stuckText(run, stuck)];
  if (progress === null) return ['waiting for a worker'];
  const steps = Object.entries(progress.steps).map(([name, step]) => {
    const failing = pending.find(
      (try_) => STEP_OF_ACTIVITY[try_.activity] === name && try_.lastFailure !== undefined,
    );
    const again = failing ? ` (try ${failing.attempt}; ${failing.lastFailure})` : '';
    return `${name.padEnd(15)} ${step.state}${step.summary ? `: ${step.summary}` : ''}${again}`;
  });
  return [
    ...steps.filter((line) => !line.includes(' pending')),
    `${'phase'.padEnd(15)} ${progress.phase}`,
    ...(progress.waiting === undefined ? [] : waitingLines(progress.waiting, run)),
  ];
}
