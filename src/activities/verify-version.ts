import { ApplicationFailure } from '@temporalio/common';
import { FAILURE, STEP, WARNING } from '../domain/names';
import { parseReleaseRequest, type ReleaseRequest } from '../domain/release';
import type { StepOutcome, Warning } from '../domain/step-result';
import type { VersionCheck } from '../domain/version-check';
import { checkVersion, type Refusal, type VersionVerdict } from '../steps/version/version-check';
import { timestamp } from './runtime/clock';
import type { Deps } from './runtime/deps';
import { enterGate } from './runtime/enter-gate';
import { withPulse } from './runtime/heartbeat';

export type VerifyVersionResult = {
  request: ReleaseRequest;
  refusal?: Refusal;
  outcome: StepOutcome<VersionCheck>;
};

/** Parses the run's input and checks every target host; bad input fails for good as InvalidInput. */
export async function verifyVersion(
  deps: Pick<Deps, 'releaseSystem' | 'gate'>,
  input: unknown,
): Promise<VerifyVersionResult> {
  const parsed = parseReleaseRequest(input);
  if (!parsed.ok) {
    const message = `the input is not a release request: ${parsed.errors.join('; ')}`;
    throw ApplicationFailure.nonRetryable(message, FAILURE.invalidInput);
  }
  const { request } = parsed;
  await enterGate(deps);
  const hosts = await withPulse((signal) => deps.releaseSystem.hostsOf(request.service, signal));
  const verdict = checkVersion({
    service: request.service,
    candidate: request.version,
    requested: request.hosts,
    hosts,
  });
  return { request, refusal: verdict.refusal, outcome: outcomeOf(verdict) };
}

function outcomeOf(verdict: VersionVerdict): StepOutcome<VersionCheck> {
  const warnings = verdict.refusal === undefined ? warningsOf(verdict) : [];
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
    warn(WARNING.versionUnknown, `${withoutService.length} hosts do not run the service yet`);
  }
  return warnings;
}
