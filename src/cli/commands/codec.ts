import { isIP } from 'node:net';
import { dataConverterOf } from '../../bootstrap/run-data-converter';
import { startCodecServer } from '../../codec/server';
import { ConfigError, loadConfig } from '../../config/config';
import { encryptionKeysOf } from '../../config/encryption';
import { failed, usage } from '../exit-codes';
import { tell } from '../print';

/** Reasons contain text from callers, so the set is cleared at this size. */
const MAX_SAID = 1_000;

/** `release-prep codec`: the server through which the Temporal Web UI and CLI read encrypted and large payloads; runs until SIGTERM. */
export async function codec(options: { address: string }): Promise<void> {
  const { host, port } = addressOf(options.address);
  const config = loadConfig();
  const { CODEC_TOKEN: token, CODEC_ALLOWED_ORIGIN: allowedOrigins } = config;
  if (!isLoopback(host) && token === undefined) {
    throw new ConfigError([
      `CODEC_TOKEN: not set; at ${host} others could have payloads decrypted: set it, or listen on 127.0.0.1`,
    ]);
  }
  const said = new Set<string>();
  const server = await startCodecServer({
    ...{ host, port, allowedOrigins, converter: dataConverterOf(config) },
    ...(token !== undefined && { token }),
    onFault: (reason) => {
      // A page of a run asks for the same again and again.
      if (said.has(reason)) return;
      if (said.size >= MAX_SAID) said.clear();
      said.add(reason);
      tell(`not decoded: ${reason}`);
    },
  }).catch((error: Error) => {
    throw failed(`--address: ${error.message}`);
  });
  const keys = encryptionKeysOf(config).map(({ id }) => id);
  tell(
    `codec endpoint at ${server.url}, keys: ${keys.join(', ') || 'none, only large payloads are resolved'}; ` +
      `origins: ${allowedOrigins.join(', ') || 'none: set CODEC_ALLOWED_ORIGIN to that of the Web UI'}`,
  );
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.stop();
}

function addressOf(text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535) throw usage('--address: must be HOST:PORT');
  return { host, port: Number(port) };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
