import { Connection } from '@temporalio/client';
import { tlsOptionsOf, type TemporalAccess } from '../config/temporal';
import { diagnoseTemporal } from './diagnose';

/** Temporal does not answer, or not to these credentials; the message says how to mend it. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
}

/**
 * A client connection. Ambient proxy variables, which gRPC would follow, are not: the worker's own connection knows none,
 * and only configured hosts are contacted.
 */
export const connectTemporal = (access: TemporalAccess): Promise<Connection> =>
  explained(access, () =>
    Connection.connect({ ...access.options, channelArgs: { 'grpc.enable_http_proxy': 0 } }),
  );

/** What `connect` answers; its errors in words that say how to mend them (TemporalUnavailable). */
export async function explained<Result>(
  access: TemporalAccess,
  connect: () => Promise<Result>,
): Promise<Result> {
  try {
    return await connect();
  } catch (error) {
    const said = wordsOf(error);
    const reason = refusal(said) ?? (await diagnoseTemporal(access)) ?? said;
    throw new TemporalUnavailable(`Temporal at ${access.address}: ${reason}`, { cause: error });
  }
}

function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  return [message, (cause as Error | undefined)?.message].filter(Boolean).join(': ');
}

const refusal = (said: string): string | undefined =>
  /UNAUTHENTICATED|PERMISSION_DENIED|valid authentication credentials|permission to execute/.test(
    said,
  )
    ? 'it refused the credentials: mend TEMPORAL_API_KEY, or api_key of the profile, and see that the key may use the namespace'
    : undefined;

/** How Temporal is reached, in words without secrets. */
export function howReached({ options }: TemporalAccess): string {
  const mutual = 'cert' in tlsOptionsOf(options);
  const channel = options.tls ? (mutual ? 'mTLS' : 'TLS') : 'no TLS';
  return options.apiKey ? `${channel}, API key` : channel;
}
