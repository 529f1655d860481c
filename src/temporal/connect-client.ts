import { Connection } from '@temporalio/client';
import { tlsOptionsOf, type TemporalAccess } from '../config/temporal-access';
import { diagnoseTemporal, unreachable } from './diagnose';

/** Temporal does not answer, or not to these credentials; the message says how to fix it. */
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

/**
 * What `connect` answers; its errors in words that say how to fix them (TemporalUnavailable). The gRPC client tries for
 * 10 s whatever is wrong; an address where nothing or another protocol answers is known at once, a silent one after 2.2 s.
 */
export async function explained<Result>(
  access: TemporalAccess,
  connect: () => Promise<Result>,
): Promise<Result> {
  const refused = unreachable(access).then((reason) => {
    if (reason === undefined) return new Promise<never>(() => undefined);
    throw new TemporalUnavailable(`Temporal at ${access.address}: ${reason}`);
  });
  try {
    return await Promise.race([connect(), refused]);
  } catch (error) {
    if (error instanceof TemporalUnavailable) throw error;
    const text = textOf(error);
    const reason = refusal(text) ?? (await diagnoseTemporal(access)) ?? text;
    throw new TemporalUnavailable(`Temporal at ${access.address}: ${reason}`, { cause: error });
  }
}

function textOf(error: unknown): string {
  const { message, cause } = error as Error;
  return [message, (cause as Error | undefined)?.message].filter(Boolean).join(': ');
}

const refusal = (text: string): string | undefined =>
  /UNAUTHENTICATED|PERMISSION_DENIED|valid authentication credentials|permission to execute/.test(
    text,
  )
    ? 'it rejected the credentials: fix TEMPORAL_API_KEY, or api_key in the profile, and check that the key has access to the namespace'
    : undefined;

/** How Temporal is reached, in words without secrets. */
export function howReached({ options }: TemporalAccess): string {
  const mutual = 'cert' in tlsOptionsOf(options);
  const channel = options.tls ? (mutual ? 'mTLS' : 'TLS') : 'no TLS';
  return options.apiKey ? `${channel}, API key` : channel;
}
