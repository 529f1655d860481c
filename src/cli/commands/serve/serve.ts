import { isIP } from 'node:net';
import { issueStoreOf } from '../../../bootstrap/create-issue-store';
import { createPrometheus } from '../../../adapters/prometheus/prometheus';
import { ConfigError, loadConfig, prometheusAccessOf } from '../../../config/config';
import { packageVersion } from '../../../config/package';
import { createReleaseGate } from '../../../gates/release-gate';
import { createServer } from '../../../serve/server';
import { createTokens } from '../../../serve/tokens';
import { failed } from '../../exit-codes';
import { tell } from '../../print';

/** `release-prep serve`: the HTTP API and the gates, until SIGTERM or SIGINT. */
export async function serve(): Promise<void> {
  const config = loadConfig();
  const { SERVE_ADDRESS: address, SERVE_TOKENS_FILE: file } = config;
  const split = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, split), Number(address.slice(split + 1))];
  const tokens = file === undefined ? undefined : createTokens(file);
  if (tokens === undefined && !isLoopback(host))
    throw new ConfigError([
      `SERVE_TOKENS_FILE: not set; without tokens SERVE_ADDRESS must be an address of this machine alone, not ${host}`,
    ]);
  await tokens?.check().catch((error: Error) => {
    throw new ConfigError([error.message]);
  });
  const store = issueStoreOf(config);
  const prometheus =
    config.PROMETHEUS_URL === undefined ? undefined : createPrometheus(prometheusAccessOf(config));
  if (prometheus === undefined)
    tell(
      'PROMETHEUS_URL is not set: the gates cannot judge rules, so no batch after the first begins.',
    );
  const gate = createReleaseGate({ store, onFault: tell, ...(prometheus && { prometheus }) });
  const app = await createServer({
    ...{ store, gate, version: packageVersion(), onFault: tell },
    ...(tokens && { tokens }),
  });
  const url = await app.listen({ host, port }).catch((error: Error) => {
    throw failed(`SERVE_ADDRESS: ${error.message}`);
  });
  tell(
    `Listening on ${url}${tokens === undefined ? ' without tokens, for this machine alone' : ''}`,
  );
  await new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await app.close();
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
