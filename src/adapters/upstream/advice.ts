import { isNativeError } from 'node:util/types';
import type { UpstreamName } from './upstream-error';

type Settings = { address: string; credentials: string; root: string };

/** What a person sets for the systems that are reached by plain HTTP, and where their API begins. */
const SETTINGS: Partial<Record<UpstreamName, Settings>> = {
  prometheus: {
    address: 'PROMETHEUS_URL',
    credentials: 'PROMETHEUS_TOKEN, or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD',
    root: 'the address before /api/v1, not that of a page such as /graph',
  },
  'release-system': {
    address: 'RELEASE_SYSTEM_URL',
    credentials: 'RELEASE_SYSTEM_TOKEN',
    root: 'the address before /v1',
  },
};

const REFUSED: readonly number[] = [401, 403];

/** How to fix what an answer says, as the end of its message; empty where that is not known. */
export function adviceOnStatus(
  upstream: UpstreamName,
  status: number,
  location: string | null = null,
): string {
  const settings = SETTINGS[upstream];
  if (settings === undefined) return '';
  const { address, credentials, root } = settings;
  if (REFUSED.includes(status)) return `; fix ${credentials}`;
  if (status === 404) return `; ${address} must be ${root}`;
  if (status < 300 || status > 399) return '';
  // The path of a login page may have a token in it.
  const to = location !== null && URL.canParse(location) ? ` to ${new URL(location).origin}` : '';
  return `; it redirects${to}, which is not followed: fix ${address}`;
}

export const adviceOnPage = (upstream: UpstreamName, text: string): string => {
  const settings = SETTINGS[upstream];
  return settings !== undefined && /^\s*<(!doctype|html)/i.test(text)
    ? `; this is a page for people: ${settings.address} must be ${settings.root}`
    : '';
};

/** Codes of Node and OpenSSL. */
const CONNECTION: [RegExp, (address: string) => string][] = [
  [
    /WRONG_VERSION|PACKET_LENGTH|EPROTO/,
    (address) => `it does not use TLS: begin ${address} with http://`,
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/,
    () =>
      'its certificate was issued by an unknown authority: set NODE_EXTRA_CA_CERTS to the PEM file of that authority',
  ],
  [/ALTNAME_INVALID/, (address) => `its certificate is for another name: fix ${address}`],
  [/CERT_HAS_EXPIRED/, () => 'its certificate has expired: renew it'],
  [/ENOTFOUND|EAI_AGAIN/, (address) => `the host name cannot be resolved: fix ${address}`],
  [/ECONNREFUSED/, (address) => `nothing listens at this address: start it, or fix ${address}`],
];

/** Why a connection failed, in words with its code; undefined where Node's own text is all that is known. */
export function adviceOnConnection(upstream: UpstreamName, error: unknown): string | undefined {
  const code = isNativeError(error) ? (error as NodeJS.ErrnoException).code : undefined;
  const settings = SETTINGS[upstream];
  if (code === undefined || settings === undefined) return undefined;
  const advice = CONNECTION.find(([pattern]) => pattern.test(code))?.[1];
  return advice === undefined ? undefined : `${advice(settings.address)} (${code})`;
}
