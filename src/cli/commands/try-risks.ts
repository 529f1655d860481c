import { predictRisks } from '../../activities/predict-risks';
import { traceServiceChain } from '../../activities/trace-service-chain';
import { verifyVersion } from '../../activities/verify-version';
import type { Upstreams } from '../../bootstrap/create-deps';
import type { ReleaseRequest } from '../../domain/release';
import type { ServiceChain } from '../../domain/service-chain';
import { printJson, printView } from '../print';
import { renderRisks } from '../render/risks';
import { refuse } from './try-verify';

/** `try risks`: a table on a terminal; a pipe, or `--json`, gets the StepResult. */
export async function tryRisks(
  deps: Upstreams,
  request: ReleaseRequest,
  { json }: { json?: boolean },
): Promise<void> {
  const { service, version } = request;
  const verified = await verifyVersion(deps, request);
  refuse(verified);
  const { current_versions: currentVersions, hosts } = verified.outcome.result.details;
  const traced = await trace(deps, service);
  const args = { service, version, currentVersions, hosts: hosts.total, ...traced };
  const risks = await predictRisks(deps, args);
  return json || !process.stdout.isTTY
    ? printJson({ ...risks.result, warnings: risks.warnings })
    : printView(risks, renderRisks);
}

/** As in a preparation: without a chain the risks of the service itself can still be predicted. */
async function trace(
  deps: Upstreams,
  service: string,
): Promise<{ chain: ServiceChain | null; chainError?: string }> {
  try {
    const now = new Date().toISOString();
    return { chain: await traceServiceChain(deps, { service, now }) };
  } catch (error) {
    return { chain: null, chainError: (error as Error).message };
  }
}
