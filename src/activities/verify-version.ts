import { ApplicationFailure } from '@temporalio/common';
import type { VerifiedFacts } from '../domain/constraint';
import { FAILURE, STEP, WARNING } from '../domain/names';
import { parseReleaseRequest, type ReleaseRequest } from '../domain/release';
import type { StepOutcome, Warning } from '../domain/step-result';
import type { VersionCheck } from '../domain/version-check';
import { rollbackTargets } from '../steps/constraint/rollback-targets';
import { lookAlike } from '../steps/version/look-alike';
import {
  checkVersion,
  targetsOf,
  type Refusal,
  type VersionVerdict,
} from '../steps/version/version-check';
import { timestamp } from './runtime/clock';
import type { Deps } from './runtime/activity-deps';
import { lookAlikeServices } from './look-alike-services';
import { enterGate } from './runtime/enter-preparation-gate';
import { cancellationSignal, withHeartbeat } from './runtime/heartbeat';

export type VerifyVersionResult = {
  request: ReleaseRequest;
  refusal?: Refusal;
  outcome: StepOutcome<VersionCheck>;
  /** Facts for the issue's constraint; absent if the release is refused. */
  verified?: VerifiedFacts;
};

/** A trial of the step alone needs only the release system; then names are not compared with those of others. */
type VerifyDeps = Pick<Deps, 'releaseSystem' | 'gate'> &
  Partial<Pick<Deps, 'releaseLock' | 'issueStore'>>;

/** Parses the run's input and checks every target host; bad input fails permanently as InvalidInput. */
export async function verifyVersion(
  deps: VerifyDeps,
  input: unknown,
): Promise<VerifyVersionResult> {
  const parsed = parseReleaseRequest(input);
  if (!parsed.ok) {
    const message = `the input is not a release request: ${parsed.errors.join('; ')}`;
    throw ApplicationFailure.nonRetryable(message, FAILURE.invalidInput);
  }
  const { request } = parsed;
  await enterGate(deps);
  const hosts = await withHeartbeat((signal) =>
    deps.releaseSystem.hostsOf(request.service, signal),
  );
  const verdict = checkVersion({
    service: request.service,
    candidate: request.version,
    requested: request.hosts,
    hosts,
    known: hosts.length === 0 ? await deps.releaseSystem.serviceNames?.() : undefined,
  });
  if (verdict.refusal !== undefined)
    return { request, refusal: verdict.refusal, outcome: outcomeOf(verdict) };
  const targets = targetsOf({ requested: request.hosts, hosts });
  const capabilities = await deps.releaseSystem.capabilities(cancellationSignal());
  const verified = { rollback: rollbackTargets(targets, request.service), capabilities };
  const warnings = [...warningsOf(verdict), ...(await othersLike(deps, request))];
  return { request, outcome: outcomeOf(verdict, warnings), verified };
}

async function othersLike(deps: VerifyDeps, { service }: ReleaseRequest): Promise<Warning[]> {
  const { releaseLock, issueStore } = deps;
  if (releaseLock === undefined || issueStore === undefined) return [];
  return withHeartbeat(() => lookAlikeServices({ releaseLock, issueStore }, service));
}

function outcomeOf(verdict: VersionVerdict, warnings: Warning[] = []): StepOutcome<VersionCheck> {
  const passed = warnings.length > 0 ? 'warning' : 'success';
  return {
    warnings,
    result: {
      step_name: STEP.versionCheck,
      status: verdict.refusal === undefined ? passed : 'failed',
      summary: verdict.summary,
      details: verdict.details,
      timestamp: timestamp(),
    },
  };
}

function warningsOf({ mixed, withoutService, details }: VersionVerdict): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) =>
    warnings.push({ step_name: STEP.versionCheck, code, message });
  if (mixed) {
    const counts = Object.entries(details.current_versions).map(([v, n]) => `${v} on ${n}`);
    warn(WARNING.mixedVersions, `the hosts run several versions: ${counts.join(', ')}`);
  }
  if (withoutService.length > 0) {
    const hosts = withoutService.length === 1 ? '1 host does' : `${withoutService.length} hosts do`;
    warn(WARNING.versionUnknown, `${hosts} not run the service yet`);
  }
  const names = { service: details.service, version: details.candidate };
  for (const [field, name] of Object.entries(names)) {
    const why = lookAlike(name);
    if (why === undefined) continue;
    warn(
      WARNING.lookAlikeName,
      `the ${field} ${JSON.stringify(name)} ${why}: make sure that it is not another one that looks the same`,
    );
  }
  return warnings;
}
