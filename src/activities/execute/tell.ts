import type { Notice } from '../../domain/execution/notice';
import type { Deps } from '../runtime/activity-deps';
import { cancellationSignal } from '../runtime/heartbeat';

/** Tells people outside of Temporal, where an address for it is configured. */
export const tell = async ({ webhook }: Pick<Deps, 'webhook'>, notice: Notice): Promise<void> =>
  webhook?.send(notice, cancellationSignal());
