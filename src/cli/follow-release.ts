import type { Client } from '@temporalio/client';
import { issueStoreOf } from '../bootstrap/create-issue-store';
import { createReleaseSteering, type ReleaseSteering } from '../client/steer-release';
import type { Config } from '../config/config';
import type { ExecutionState } from '../domain/execution/execution';
import type { Issue } from '../domain/issue';
import type { Outcome } from '../domain/records/outcome';
import { CommandError, EXIT, failed } from './exit-codes';
import { printView, tell } from './print';
import { terminalView } from './render/layout/terminal-view';
import { clockText } from './render/release/event-text';
import { outcomeLines } from './render/release/outcome';
import { userName } from './read-input';
import { watchRelease } from './watch-release';

type Options = { json?: boolean; lang?: string };

/**
 * Shows the release of an issue on a server of this command until it ends, and prints how it went (not with `json`, where
 * the caller prints it with the issue). An interrupt aborts it, since nothing would carry it on.
 */
export async function followRelease(
  client: Client,
  config: Config,
  { issue_id: id, service, candidate: version, ...rest }: Issue,
  { json, lang }: Options,
): Promise<Outcome> {
  const steering = createReleaseSteering(client);
  const view = terminalView(lang);
  const began = Date.now();
  const elapsed = (at: string): string =>
    `${Math.max(0, Math.round((Date.parse(at) - began) / 1000))} s`.padStart(7);
  const source = {
    ask: () => stateOf(steering, service, version),
    runs: () => steering.isRunning(service, version),
  };
  const stopListening = onInterrupt(() => void abort(steering, service, version));
  try {
    await watchRelease(source, {
      ...{ shown: { service, version }, view },
      ...{ when: elapsed, until: (at) => clockText(at) },
    });
  } finally {
    stopListening();
  }
  const outcome = await issueStoreOf(config).outcome(id);
  if (outcome === null) throw failed(`the release of ${id} ended without an outcome`);
  const issue = { issue_id: id, service, candidate: version, ...rest };
  if (!json)
    printView({ issue, outcome }, (plain) =>
      ['', ...outcomeLines(plain.issue, plain.outcome, view)].join('\n'),
    );
  return outcome;
}

const ENDED: Record<Exclude<Outcome['result'], 'completed'>, string> = {
  rolled_back: 'it was rolled back',
  aborted: 'it was aborted',
  needs_person: 'it needs a person',
};

/** Says how it ended; anything but a completed release is exit code 4. */
export function mustHaveCompleted({ result, reason }: Outcome): void {
  if (result === 'completed') return tell('The release is complete; exit code 0.');
  const why = reason === undefined ? '' : `: ${reason.code}: ${reason.text}`;
  throw new CommandError(
    EXIT.failed,
    `The release did not complete; ${ENDED[result]}${why}\nExit code ${EXIT.failed}.`,
  );
}

/** The first moments of a release: the executor has not taken its first task. */
const STARTS_WITHIN_MS = 20_000;

async function stateOf(
  steering: ReleaseSteering,
  service: string,
  version: string,
): Promise<ExecutionState> {
  for (const deadline = Date.now() + STARTS_WITHIN_MS; ;) {
    const answer = await steering.state(service, version);
    if (answer.kind === 'done') return answer.state;
    const reason = 'reason' in answer ? answer.reason : 'it does not run';
    if (Date.now() >= deadline)
      throw failed(`the executor of ${service} ${version} did not answer: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function abort(steering: ReleaseSteering, service: string, version: string): Promise<void> {
  tell('interrupted: the release is aborted, and hosts stay as they are');
  const by = userName() ?? 'release-prep';
  const reason = 'the command was interrupted';
  await steering.steer(service, version, { type: 'abort', by, reason });
}

function onInterrupt(body: () => void): () => void {
  process.on('SIGINT', body).on('SIGTERM', body);
  return () => process.off('SIGINT', body).off('SIGTERM', body);
}
