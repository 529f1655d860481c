import { verifyVersion, type VerifyVersionResult } from '../../activities/verify-version';
import type { Upstreams } from '../../bootstrap/create-deps';
import type { ReleaseRequest } from '../../domain/release';
import { CommandError, EXIT } from '../exit-codes';
import { printJson } from '../print';

/** `try verify`: the StepResult with its warnings; exit code 3 where a preparation would be refused. */
export async function tryVerify(deps: Upstreams, request: ReleaseRequest): Promise<void> {
  const verified = await verifyVersion(deps, request);
  const { result, warnings } = verified.outcome;
  printJson({ ...result, warnings });
  refuse(verified);
}

/** Ends a trial as a preparation ends that verification refuses. */
export function refuse({ refusal, outcome }: VerifyVersionResult): void {
  if (refusal !== undefined)
    throw new CommandError(EXIT.refused, `refused (${refusal}): ${outcome.result.summary}`);
}
