import { dataConverterOf } from '../../bootstrap/run-data-converter';
import { connect } from '../../client';
import {
  createReleaseSteering,
  type ReleaseSteering,
  type Steered,
  type Steering,
} from '../../client/steer-release';
import { loadConfig } from '../../config/config';
import type { ExecutionState } from '../../domain/execution/execution';
import { CommandError, EXIT, failed, usage } from '../exit-codes';
import { userName } from '../read-input';
import { printJson, printView } from '../print';
import { terminalView } from '../render/layout/terminal-view';
import { renderRelease, type Shown } from '../render/release/release';
import { watchRelease } from '../watch-release';

type Options = {
  by?: string;
  reason?: string;
  rollback?: boolean;
  watch?: boolean;
  json?: boolean;
  lang?: string;
};

async function withSteering(body: (steering: ReleaseSteering) => Promise<void>): Promise<void> {
  const { client, close } = await connect(dataConverterOf(loadConfig()));
  try {
    await body(createReleaseSteering(client));
  } finally {
    await close();
  }
}

/** `release-prep rollout status S V`; with `--watch` it follows the release until it ends. */
export const rolloutStatus = (service: string, version: string, options: Options): Promise<void> =>
  withSteering(async (steering) => {
    const ask = async () => stateIn(await steering.state(service, version), service, version);
    const runs = () => steering.isRunning(service, version);
    const shown = { service, version };
    const view = terminalView(options.lang);
    const state = await (options.watch ? watchRelease({ ask, runs }, { shown, view }) : ask());
    show(state, shown, options);
  });

const steering =
  (wish: (options: Options) => Steering) =>
  (service: string, version: string, options: Options): Promise<void> =>
    withSteering(async (release) => {
      const answer = await release.steer(service, version, wish(options));
      show(stateIn(answer, service, version), { service, version }, options);
    });

const byOf = ({ by = userName() }: Options): string => {
  if (by === undefined) throw usage('--by: give a name; the operating system has none');
  return by;
};
const reasonOf = ({ reason }: Options): string => {
  if (reason === undefined) throw usage('--reason: say why; it is recorded with the release');
  return reason;
};

/** `release-prep rollout pause S V --reason TEXT`. */
export const pauseRollout = steering((options) => ({
  ...{ type: 'pause', by: byOf(options), reason: reasonOf(options) },
}));
/** `release-prep rollout continue S V`. */
export const continueRollout = steering((options) => ({ type: 'continue', by: byOf(options) }));
/** `release-prep rollout abort S V --reason TEXT [--rollback]`. */
export const abortRollout = steering((options) => ({
  ...{ type: 'abort', by: byOf(options), reason: reasonOf(options) },
  rollback: options.rollback === true,
}));

function stateIn(answer: Steered, service: string, version: string): ExecutionState {
  switch (answer.kind) {
    case 'done':
      return answer.state;
    case 'absent':
      throw failed(`no executor of ${service} ${version} runs here`);
    case 'malformed':
      throw usage(answer.reason);
    case 'refused':
      throw new CommandError(EXIT.refused, `refused ${answer.code}: ${answer.reason}`);
    case 'no_answer':
      throw failed(
        `the executor of ${service} ${version} did not answer: ${answer.reason}. ` +
          'Does a worker with WORKER_ROLES=execute run?',
      );
  }
}

const show = (state: ExecutionState, shown: Shown, { json, lang }: Options): void =>
  json
    ? printJson(state)
    : printView(state, (plain) => renderRelease(plain, shown, terminalView(lang)));
