import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dataConverterOf } from '../../src/bootstrap/deps';
import { parseConfig } from '../../src/config/config';
import { createAuthority, createCertificate } from './certificates';
import { collectLeftBehind } from './left-behind';
import { startWorker, type ProductProcess } from './product-process';
import { startSmallStack } from './small-stack';
import { startTemporalGateway } from './temporal-gateway';

export type SearchedStack = Awaited<ReturnType<typeof startSearchedStack>>;
/** What happens while a worker works. */
type During = (version: string, worker: ProductProcess) => Promise<void>;

/** A small stack with Temporal behind TLS and an API key, whose runs leave nothing that is not kept to be searched. */
export async function startSearchedStack(options: {
  service: string;
  token?: string;
  apiKey: string;
  /** The common name of a client certificate; without it the gateway asks for none. */
  clientName?: string;
}) {
  const { service, token, apiKey, clientName } = options;
  const left = collectLeftBehind();
  const folder = mkdtempSync('/tmp/release-prep-searched-');
  const [dbFolder, secrets] = ['database', 'secrets'].map((name) => {
    const made = path.join(folder, name);
    mkdirSync(made);
    return made;
  }) as [string, string];
  const dbFilename = path.join(dbFolder, 'temporal.db');
  const stack = await startSmallStack({ service, dbFilename, ...(token && { token }) });
  const authority = await createAuthority();
  const caFile = path.join(secrets, 'temporal-ca.pem');
  writeFileSync(caFile, authority.cert);
  const gateway = await startTemporalGateway({
    ...{ backend: stack.temporal.address, server: await createCertificate(authority), apiKey },
    ...(clientName && { clientAuthority: authority.cert }),
  });
  return {
    ...{ stack, gateway, left },
    /** A folder that is not searched: what is configured lies there. */
    secrets,
    clientCertificate: await createCertificate(authority, {
      client: true,
      ...(clientName && { host: clientName }),
    }),
    environment: (more: Record<string, string>) =>
      stack.environment({
        TEMPORAL_ADDRESS: gateway.address,
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: caFile,
        TEMPORAL_API_KEY: apiKey,
        LOG_LEVEL: 'DEBUG',
        EXECUTOR_WORKFLOW_TYPE: '',
        ...more,
      }),
    /** A run with a worker of its own; with `during` its end is not waited for. `keys` reads what is encrypted. */
    async run(name: string, env: Record<string, string>, keys: string, during?: During) {
      const version = `v2.0.0-${name}`;
      const worker = await startWorker(env, path.join(stack.folder, `${name}.log`));
      const command = (...args: string[]) => left.command(name, args, env);
      try {
        const args = ['prepare', '--service', service, '--version', version, '--json'];
        const done = await command(...args, ...(during ? ['--detach'] : []));
        await during?.(version, worker);
        await Promise.all([
          command('status', service, version),
          command('list'),
          command('show', service, version),
          // These ask the systems themselves: of one that does not answer, the run has said enough.
          ...(during
            ? []
            : [
                command('doctor'),
                command('try', 'verify', '--service', service, '--version', version),
                command('try', 'chain', '--service', service),
              ]),
        ]);
        const readable = {
          ...env,
          ...{ PAYLOAD_ENCRYPTION_KEYS_FILE: '', PAYLOAD_ENCRYPTION_KEYS: keys },
        };
        await left.keepHistories(name, stack.client(dataConverterOf(parseConfig(readable))));
        const metrics = env['METRICS_ADDRESS'];
        if (metrics !== undefined)
          left.keep(`${name}: metrics`, await (await fetch(`http://${metrics}/metrics`)).text());
        return done;
      } finally {
        await worker.stop();
      }
    },
    /** What lies in files: logs, issues, replies of the model, Temporal's database. */
    keepFiles() {
      left.keepFiles('file', stack.folder);
      left.keepFiles("Temporal's database", dbFolder);
    },
    async stop() {
      await gateway.stop();
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
