import { NativeConnection } from '@temporalio/worker';
import type { TemporalAccess } from '../config/temporal-access';
import { explained } from '../temporal/connect-client';

/** The worker's own connection, in the native core; clients, who need none, load nothing of it. Throws TemporalUnavailable. */
export const connectTemporalNative = (access: TemporalAccess): Promise<NativeConnection> =>
  explained(access, () => NativeConnection.connect(access.options));
