import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { HostRef } from '../../domain/host';
import type { Deps } from '../runtime/activity-deps';

/** The service's hosts; empty if the release system fails. The step that needs them reports the failure. */
export async function knownHosts(
  { releaseSystem }: Partial<Pick<Deps, 'releaseSystem'>>,
  service: string,
  signal: AbortSignal | undefined,
): Promise<HostRef[]> {
  try {
    return (await releaseSystem?.hostRefsOf(service, signal)) ?? [];
  } catch (error) {
    if (error instanceof UpstreamError) return [];
    throw error;
  }
}
