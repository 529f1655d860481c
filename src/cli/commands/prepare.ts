import type { Client } from '@temporalio/client';
import { dataConverterOf } from '../../bootstrap/run-data-converter';
import { connect, createReleasePrepClient } from '../../client';
import { loadConfig, type Config } from '../../config/config';
import { Approver } from '../../domain/records/approval';
import type { Issue } from '../../domain/issue';
import type { IssueReference } from '../../domain/issue-reference';
import { TemporalUnavailable } from '../../temporal/connect-client';
import { awaitIssue } from '../await-issue';
import { startEmbedded } from '../start-embedded';
import { failed, usage } from '../exit-codes';
import { followRelease, mustHaveCompleted } from '../follow-release';
import { print, printJson, tell } from '../print';
import { checkVersion, readHosts, userName } from '../read-input';
import { PROGRAM } from '../invocation';
import { missingWorker, registerSearchAttributes } from '../check-readiness';

export type PrepareOptions = {
  service: string;
  version: string;
  hosts?: string;
  executor?: string;
  execute?: boolean;
  /** False with `--no-delivery`. */
  delivery?: boolean;
  json?: boolean;
  detach?: boolean;
  dryRun?: boolean;
  embedded?: boolean;
  overrideBy?: string;
  overrideReason?: string;
  onFailure?: string;
  lang?: string;
  allowUnknownService?: boolean;
  by?: string;
};

/** `release-prep prepare`: starts or joins a preparation and prints the issue. */
export async function prepare(options: PrepareOptions): Promise<void> {
  if (options.detach && options.embedded)
    throw usage('--detach: an embedded server ends with this command');
  if (options.onFailure === 'wait' && options.embedded)
    throw usage('--on-failure wait: no other command reaches an embedded server to retry the step');
  checkVersion(options.version);
  const config = loadConfig();
  const request = requestOf(options, await readHosts(options.hosts));
  const executes = options.embedded === true && options.execute === true;
  if (executes) checkCanDeploy(config, options);
  const session = options.embedded
    ? await startEmbedded(config, { ui: false, execute: executes })
    : await connected(config);
  const close = 'stop' in session ? session.stop : session.close;
  try {
    const quiet = executes && options.json;
    const more = { ...options, quiet };
    const { client } = session;
    const issue = await prepareWith(client, config.RELEASE_PREP_TASK_QUEUE, request, more);
    if (!executes || issue === undefined) return;
    const outcome = await followRelease(client, config, issue, options);
    if (options.json) printJson({ issue, outcome });
    mustHaveCompleted(outcome);
  } finally {
    await close();
  }
}

/** What a release by this very command needs, before anything is started. */
function checkCanDeploy({ RELEASE_SYSTEM_URL: url }: Config, { dryRun }: PrepareOptions): void {
  if (dryRun) throw usage('--dry-run: nothing is delivered then; leave --execute out');
  if (url?.startsWith('file:'))
    throw usage(
      `--execute: RELEASE_SYSTEM_URL=${url} is a list of hosts, which cannot deploy. Set it to a release system ` +
        '(docs/release-system.openapi.yaml), or leave --execute out and release by hand.',
    );
  tell(
    'The Temporal server of --embedded ends with this command. Keep it running until the release has ended: an ' +
      'interrupt aborts the release and leaves hosts as they are.',
  );
}

async function connected(config: Config) {
  try {
    const session = await connect(dataConverterOf(config));
    const { client, connection } = session;
    await registerSearchAttributes(connection, client.options.namespace);
    const missing = await missingWorker(client, config.RELEASE_PREP_TASK_QUEUE).catch(
      () => undefined,
    );
    if (missing !== undefined) tell(`${missing}. The preparation waits until then.`);
    return session;
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    throw failed(`${error.message}\nTo try it without a server: --embedded`);
  }
}

const requestOf = (options: PrepareOptions, hosts: unknown) => {
  const { service, version, dryRun, onFailure } = options;
  const { overrideBy: by, overrideReason: reason } = options;
  if ((by === undefined) !== (reason === undefined))
    throw usage('--override-by and --override-reason: give both');
  return {
    service,
    version,
    ...deliveryOf(options),
    ...requesterOf(options.by),
    ...(by !== undefined && reason !== undefined && { override: { by, reason } }),
    ...(hosts !== undefined && { hosts }),
    ...(onFailure !== undefined && { on_failure: onFailure }),
    ...(options.allowUnknownService && { allow_unknown_service: true }),
    ...(dryRun && { dry_run: true }),
  };
};

/** The user of the operating system, if it has a name that may be recorded. */
function requesterOf(by: string | undefined) {
  if (by !== undefined) return { requested_by: by };
  const user = Approver.safeParse(userName());
  return user.success ? { requested_by: user.data } : {};
}

function deliveryOf({ executor, execute, delivery }: PrepareOptions) {
  const chosen = [executor !== undefined, execute === true, delivery === false].filter(Boolean);
  if (chosen.length > 1) throw usage('give one of --executor, --execute and --no-delivery');
  if (executor !== undefined) return { executor: { workflow_id: executor } };
  if (execute) return { delivery: 'execute' as const };
  return delivery === false ? { delivery: 'none' as const } : {};
}

/** Starts (or joins), watches and prints; throws CommandError with the contract's exit code. */
export async function prepareWith(
  client: Client,
  taskQueue: string,
  request: ReturnType<typeof requestOf>,
  options: Pick<PrepareOptions, 'json' | 'detach' | 'dryRun' | 'lang' | 'embedded'> & {
    more?: string;
    quiet?: boolean;
  },
): Promise<Issue | undefined> {
  const { service, version } = request;
  const library = createReleasePrepClient({ client, taskQueue, program: PROGRAM });
  const { handle, workflowId, runId } = await library.start(request);
  tell(`${workflowId} (run ${runId})`);
  if (options.detach) {
    print(options.json ? JSON.stringify({ workflow_id: workflowId, run_id: runId }) : workflowId);
    return undefined;
  }
  const release = { service, version, dryRun: options.dryRun, program: PROGRAM };
  return awaitIssue(library, release, {
    result: handle.result() as Promise<Issue | IssueReference>,
    ...options,
  });
}
