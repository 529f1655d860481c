import type { DataConverter } from '@temporalio/common';
import {
  Client,
  WorkflowNotFoundError,
  type Connection,
  type WorkflowHandle,
} from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  releaseClaim,
  showClaim,
  type ClaimView,
  type FreedClaim,
} from './adapters/manual-claim-release';
import { resumeRun, type Resumed } from './client/resume-run';
import { statusOf, type RunStatus } from './client/run-status';
import { loadTemporalAccess } from './config/config';
import type { TemporalAccess } from './config/temporal-access';
import type { Issue } from './domain/issue';
import type { IssueReference } from './domain/issue-reference';
import { QUERY, SEARCH_ATTRIBUTE, UPDATE, WORKFLOW, workflowIdOf } from './domain/names';
import type { Progress } from './domain/progress';
import type { ClaimRelease } from './domain/release-claim';
import { parseReleaseRequest, type ReleaseRequest } from './domain/release';
import { connectTemporal } from './temporal/connect-client';

/** Thrown before anything is sent; `errors` names every fault of the input. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  readonly errors: string[];
  constructor(errors: string[]) {
    super(`the input is not a release request:\n${errors.map((error) => `  ${error}`).join('\n')}`);
    this.errors = errors;
  }
}

export type Preparation = { handle: WorkflowHandle; workflowId: string; runId: string };

const ATTRIBUTE = {
  service: defineSearchAttributeKey(SEARCH_ATTRIBUTE.service, 'KEYWORD'),
  version: defineSearchAttributeKey(SEARCH_ATTRIBUTE.version, 'KEYWORD'),
};

/**
 * Connects by Temporal's own variables and profiles; `access` changes some of it (another address with the same TLS and
 * credentials). `dataConverter` is the worker's: without it a result over 256 KiB is a reference that cannot be read,
 * and an encrypted one cannot be read either. Throws ConfigError, or TemporalUnavailable with how to fix it.
 */
export async function connect(
  dataConverter?: DataConverter,
  access: TemporalAccess = loadTemporalAccess(),
): Promise<{ client: Client; connection: Connection; close: () => Promise<void> }> {
  const connection = await connectTemporal(access);
  return {
    client: new Client({ connection, namespace: access.namespace, dataConverter }),
    connection,
    close: () => connection.close(),
  };
}

/** The library for release orchestrators. */
export function createReleasePrepClient({
  client,
  taskQueue,
  program,
}: {
  client: Client;
  taskQueue: string;
  /** The beginning of commands in messages; default `release-prep`. */
  program?: string;
}) {
  const handleOf = (service: string, version: string, dryRun = false) =>
    client.workflow.getHandle<() => Promise<Issue | IssueReference>>(
      workflowIdOf(service, version, dryRun),
    );

  return {
    /** Starts a preparation, or joins the one that runs for this service and version. Throws InvalidInputError. */
    async start(input: unknown): Promise<Preparation> {
      const parsed = parseReleaseRequest(input);
      if (!parsed.ok) throw new InvalidInputError(parsed.errors);
      const { request } = parsed;
      const workflowId = workflowIdOf(request.service, request.version, request.dry_run);
      const handle = await client.workflow.start(WORKFLOW.releasePrep, {
        workflowId,
        taskQueue,
        args: [request],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        typedSearchAttributes: [
          { key: ATTRIBUTE.service, value: request.service },
          { key: ATTRIBUTE.version, value: request.version },
        ],
        staticSummary: summaryOf(request),
        staticDetails: 'Verifies, assesses, selects and plans; records one issue and delivers it.',
      });
      return { handle, workflowId, runId: handle.firstExecutionRunId };
    },
    /** Waits for the end of the run; a reference where the run was started with `result: "reference"`. */
    result: (service: string, version: string, dryRun?: boolean): Promise<Issue | IssueReference> =>
      handleOf(service, version, dryRun).result(),
    progress: (service: string, version: string, dryRun?: boolean): Promise<Progress> =>
      handleOf(service, version, dryRun).query<Progress>(QUERY.progress),
    async cancel(service: string, version: string, dryRun?: boolean): Promise<void> {
      await handleOf(service, version, dryRun).cancel();
    },
    /**
     * Continues the newest run from the failed step; steps that succeeded, including model calls, are not repeated.
     * Throws NotResumableError, which says what to do instead.
     */
    resume: (service: string, version: string, dryRun?: boolean): Promise<Resumed> =>
      resumeRun(client, { service, version, dryRun, program }),
    /**
     * Lets a parked run (`on_failure: "wait"`) continue: everything that failed runs again, or only the given step
     * (`setThresholds`, or `MetricAnalysis`). Throws WorkflowUpdateFailedError if nothing waits.
     */
    retry: (
      service: string,
      version: string,
      { step, dryRun }: { step?: string; dryRun?: boolean } = {},
    ): Promise<{ retried: string[] }> =>
      handleOf(service, version, dryRun).executeUpdate<{ retried: string[] }, [{ step?: string }]>(
        UPDATE.retryStep,
        { args: [step === undefined ? {} : { step }] },
      ),
    /** The holder of a service, which blocks preparation and release of other versions. */
    claim: (service: string): Promise<ClaimView> => showClaim(client, taskQueue, service),
    /**
     * Frees a service by hand, recorded with name and reason; null without a holder. A preparation that held the claim
     * continues, and is refused before its delivery if another version holds the service by then.
     */
    releaseClaim: (service: string, request: ClaimRelease): Promise<FreedClaim | null> =>
      releaseClaim(client, taskQueue, service, request),
    /** Null if this service and version was never prepared (or its history was deleted). */
    async status(service: string, version: string, dryRun = false): Promise<RunStatus | null> {
      try {
        return await statusOf(client, workflowIdOf(service, version, dryRun));
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
  };
}
export type ReleasePrepClient = ReturnType<typeof createReleasePrepClient>;

const summaryOf = ({ service, version, hosts, dry_run: dryRun }: ReleaseRequest): string => {
  const scope = hosts === undefined ? 'all hosts' : `${hosts.length} hosts`;
  return `${service} ${version} on ${scope}${dryRun ? ', dry run' : ''}`.slice(0, 180);
};

// The package's public types and schemas, and the converter that reads large results.
export { Issue } from './domain/issue';
export { parseReleaseRequest, ReleaseRequest } from './domain/release';
export { FAILURE, REFUSALS, WARNING, workflowIdOf } from './domain/names';
export { NotResumableError } from './client/resume-run';
export { createDataConverter } from './temporal/data-converter';
export type { RunStatus } from './client/run-status';
export type { IssueReference } from './domain/issue-reference';
export type { Progress } from './domain/progress';
