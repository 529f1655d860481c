import { dataConverterOf } from '../../bootstrap/run-data-converter';
import { issueStoreOf } from '../../bootstrap/create-issue-store';
import { connect } from '../../client';
import { createReleaseSteering, type Steered } from '../../client/steer-release';
import { loadConfig, type Config } from '../../config/config';
import { Approval } from '../../domain/records/approval';
import type { Issue } from '../../domain/issue';
import { approve, type Approved } from '../../gates/approve';
import { CommandError, EXIT, failed, usage } from '../exit-codes';
import { userName } from '../read-input';
import { recordedIssue } from '../recorded-issue';
import { printJson, printView, tell } from '../print';

export type ApproveOptions = { by?: string; reason?: string; digest?: string; json?: boolean };

/** `release-prep rollout approve S V`: records an approval of the newest issue, and sends it to the executor if one runs. */
export async function approveRollout(
  service: string,
  version: string,
  options: ApproveOptions,
): Promise<void> {
  const { by, reason } = readApproval(options);
  const config = loadConfig();
  const store = issueStoreOf(config);
  const issue = await recordedIssue(config, service, version);
  const given = { by, digest: options.digest ?? issue.digest, ...(reason && { reason }) };
  const answer = await approve(store, issue, given, new Date());
  if (options.json) printJson({ issue_id: issue.issue_id, digest: issue.digest, ...answer });
  if (!answer.allowed)
    throw new CommandError(EXIT.refused, `refused ${answer.code}: ${answer.message}`);
  if (!options.json) printView({ issue, by, answer }, approvalText);
  if (answer.missing !== undefined) tell(`The release may not begin yet. ${answer.missing}`);
  const sent = await sendToExecutor(config, { service, version }, { by, digest: issue.digest });
  if (sent.kind === 'refused' || sent.kind === 'malformed')
    throw failed(`The approval is recorded, but the executor rejected it: ${sent.reason}`);
  if (sent.kind === 'no_answer') tell(`The approval was not sent to an executor: ${sent.reason}`);
}

function readApproval({ by = userName(), reason }: ApproveOptions) {
  if (by === undefined) throw usage('--by: give a name; the operating system has none');
  const parsed = Approval.pick({ by: true, reason: true }).safeParse({ by, reason });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
  throw usage(faults.join('\n'));
}

/** The executor needs a server; the approval is recorded without one. */
async function sendToExecutor(
  config: Config,
  { service, version }: { service: string; version: string },
  approval: { by: string; digest: string },
): Promise<Steered> {
  try {
    const { client, close } = await connect(dataConverterOf(config));
    try {
      const steering = createReleaseSteering(client);
      return await steering.steer(service, version, { type: 'approve', ...approval });
    } finally {
      await close();
    }
  } catch (error) {
    return { kind: 'no_answer', reason: (error as Error).message };
  }
}

function approvalText({ issue, by, answer }: { issue: Issue; by: string; answer: Approved }) {
  const { service, candidate, revision } = issue;
  const { recorded, approvers, required } = answer;
  const what = `${service} ${candidate}, revision ${revision}`;
  const count = required === 0 ? 'no approval is needed' : `${approvers.length} of ${required}`;
  return recorded
    ? `${what}: approved by ${by} (${count})`
    : `${what}: ${by} had approved it already (${count})`;
}
