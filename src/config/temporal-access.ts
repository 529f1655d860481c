import { createSecureContext } from 'node:tls';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { ClientConfigProfile, ClientConnectConfig } from '@temporalio/envconfig';
import { hideSecrets } from '../adapters/redaction';
import { pemLines, SECRET_NAME, withoutScheme } from './secrets';
import { trimmed } from './trimmed';

/** Where Temporal is and how it is reached; `options` are what Temporal's own variables and profile say. */
export type TemporalAccess = {
  address: string;
  namespace: string;
  options: ClientConnectConfig['connectionOptions'];
};
export type TemporalAccessParsed =
  { ok: true; access: TemporalAccess } | { ok: false; errors: string[] };

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_NAMESPACE = 'default';

/**
 * `TEMPORAL_*` variables over the profile of `temporal.toml`; an empty variable counts as unset. Its credentials are
 * hidden in errors and logs from here on. Never throws: errors hold no content of files.
 */
export function parseTemporalAccess(
  environment: Record<string, string | undefined>,
): TemporalAccessParsed {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(trimmed(environment)).filter(
      // An empty TEMPORAL_GRPC_META_… takes a header of the profile away.
      (pair): pair is [string, string] =>
        pair[1] !== undefined && (pair[1] !== '' || pair[0].startsWith('TEMPORAL_GRPC_META_')),
    ),
  );
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars });
    hideSecrets(secretsOf(profile));
    const { connectionOptions: options, namespace = DEFAULT_NAMESPACE } = toClientOptions(profile);
    hideSecrets(pemLines(String(tlsOptionsOf(options).key ?? '')));
    const errors = [...addressFaults(options.address), ...faultsOf(profile, options)];
    if (errors.length > 0) return { ok: false, errors };
    return {
      ok: true,
      access: { address: options.address ?? DEFAULT_ADDRESS, namespace, options },
    };
  } catch (error) {
    // A TOML error also quotes the lines around the error, which may contain a key.
    const [first] = (error as Error).message.split('\n');
    return {
      ok: false,
      errors: [`Temporal: ${first}; fix the TEMPORAL_… variables or the profile`],
    };
  }
}

function secretsOf({ apiKey, grpcMeta = {} }: ClientConfigProfile): string[] {
  const headers = Object.entries(grpcMeta).filter(([name]) => SECRET_NAME.test(name));
  return [apiKey ?? '', ...headers.flatMap(([, value]) => withoutScheme(value))].filter(Boolean);
}

/** Checked before anything connects: a gRPC client takes any text for a host name and waits for it. */
function addressFaults(address: string = DEFAULT_ADDRESS): string[] {
  const text = `tcp://${address}`;
  if (URL.canParse(text) && text === `tcp://${new URL(text).host}`) return [];
  // The part before an @ may be a password.
  const shown = address.includes('@') ? 'the address' : `"${address}"`;
  return [
    `Temporal: ${shown} is not HOST or HOST:PORT (for example temporal.example.com:7233, without a scheme): fix TEMPORAL_ADDRESS, or address in the profile`,
  ];
}

function faultsOf({ tls }: ClientConfigProfile, options: TemporalAccess['options']): string[] {
  if ((tls?.clientCert === undefined) !== (tls?.clientKey === undefined)) {
    return [
      'Temporal: a client certificate needs its key: set both TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    ];
  }
  try {
    createSecureContext(tlsOptionsOf(options));
    return [];
  } catch (error) {
    return [
      `Temporal: the certificate and the key do not match, or are not PEM (${(error as Error).message}): fix the TEMPORAL_TLS_… variables`,
    ];
  }
}

/** The same in Node's words; empty without TLS or with its defaults. */
export function tlsOptionsOf({ tls }: TemporalAccess['options']) {
  if (typeof tls !== 'object' || tls === null) return {};
  const { serverNameOverride, serverRootCACertificate: ca, clientCertPair: pair } = tls;
  return {
    ...(serverNameOverride && { servername: serverNameOverride }),
    ...(ca && { ca: Buffer.from(ca) }),
    ...(pair && { cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) }),
  };
}
