/** The activities of both sides of the comparison: the same functions, with claims in memory or in Temporal. */
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { createActivities, type Activities } from '../../../src/activities';
import { claimRelease } from '../../../src/activities/claim-release';
import { deliverIssue } from '../../../src/activities/deliver-issue';
import { createReleaseLock, type ReleaseLock } from '../../../src/adapters/release-lock-client';
import type { Upstreams } from '../../../src/bootstrap/create-deps';
import type { ClaimHolder } from '../../../src/domain/release-claim';
import { parseReleaseRequest } from '../../../src/domain/release';
import { grantsClaim } from '../../../src/steps/claims/claim-conflicts';
import { issue, versionCheck } from '../../fixtures/outcomes';
import { stubActivities } from '../../fixtures/processes/release-worker';
import { sleep } from '../../fixtures/wait';

/** What holds claims and takes signals. */
export type Claims = { releaseLock: ReleaseLock; client: Client };

export const claimsInTemporal = (client: Client, taskQueue: string): Claims => ({
  client,
  releaseLock: createReleaseLock(client, taskQueue),
});

/** Without durability: claims in a map of this process, and an executor that is a function call away. */
export function claimsInMemory(): Claims {
  const held = new Map<string, ClaimHolder>();
  const releaseLock: ReleaseLock = {
    isAlive: async () => true,
    holderOf: async (service) => held.get(service) ?? null,
    heldServices: async () => [],
    end: async () => undefined,
    holdersOf: async (services) => services.flatMap((service) => held.get(service) ?? []),
    async claim(claim) {
      const holder = held.get(claim.holder.service) ?? null;
      if (holder !== null && !grantsClaim(holder, claim)) return { granted: false, holder };
      const next = { ...claim.holder, since: new Date().toISOString() };
      held.set(next.service, next);
      return { granted: true, holder: next };
    },
  };
  const client = { workflow: { signalWithStart: async () => undefined } } as unknown as Client;
  return { releaseLock, client };
}

/** The product's activities on upstreams that answer slowly. */
export const productActivities = (upstreams: Upstreams, claims: Claims): Activities =>
  createActivities({ ...upstreams, ...claims });

/** Each step that asks an upstream asks once and waits `delayMs`; claims and delivery are the product's own. */
export function oneCallActivities(
  delayMs: number,
  { knowledge }: Pick<Upstreams, 'knowledge'>,
  claims: Claims,
): Activities {
  const stubs = stubActivities();
  const slow =
    <Args, Result>(activity: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      await sleep(delayMs);
      return activity(args);
    };
  const store = { ...neverUsed, get: slow(async () => issue) };
  const executor = { workflowType: 'ReleaseExecutorWorkflow', taskQueue: 'nobody' };
  // Nobody polls: the look at the executor's task queue is left out.
  const claimDeps = { ...claims, knowledge, executor: { ...executor, workflowType: '' } };
  return {
    ...stubs,
    verifyVersion: slow(async (input) => {
      const parsed = parseReleaseRequest(input);
      if (!parsed.ok) throw ApplicationFailure.nonRetryable(parsed.errors.join('; '));
      return { request: parsed.request, outcome: { result: versionCheck, warnings: [] } };
    }),
    claimRelease: (args) => claimRelease(claimDeps, args),
    traceServiceChain: slow(stubs.traceServiceChain),
    predictRisks: slow(stubs.predictRisks),
    shortlistMetrics: slow(stubs.shortlistMetrics),
    selectMetrics: slow(stubs.selectMetrics),
    setThresholds: slow(stubs.setThresholds),
    planGrayStrategy: slow(stubs.planGrayStrategy),
    recordIssue: slow(stubs.recordIssue),
    confirmRelease: slow(async ({ service, version }) => {
      await claimRelease(claimDeps, { service, version, hosts: 1 });
      return { changes: [], conflicts: [] };
    }),
    deliverIssue: (args) =>
      deliverIssue({ client: claims.client, issueStore: store, executor }, args),
  };
}

const unused = () => Promise.reject(new Error('not part of this measurement'));
const neverUsed = {
  needsSeal: false,
  ...{ record: unused, latest: unused, list: unused, services: unused },
  ...{ recordApproval: unused, approvals: unused, recordOutcome: unused, outcome: unused },
  ...{ gateEvents: unused, appendGateEvent: unused },
};
