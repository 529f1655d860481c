import { dataConverterOf } from '../build-deps';
import { connect, createReleasePrepClient } from '../client';
import { loadConfig } from '../config';
import { failed, print, printJson, tell } from './exit';
import { renderStatus } from './render';

async function withClient<Result>(
  body: (client: ReturnType<typeof createReleasePrepClient>) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig();
  const taskQueue = config.RELEASE_PREP_TASK_QUEUE;
  const { client, close } = await connect(dataConverterOf(config)).catch((error: Error) => {
    throw failed(`Temporal does not answer: ${error.message}. Set TEMPORAL_ADDRESS.`);
  });
  try {
    return await body(createReleasePrepClient({ client, taskQueue }));
  } finally {
    await close();
  }
}

/** `release-prep status S V`. */
export const status = (
  service: string,
  version: string,
  options: { json?: boolean },
): Promise<void> =>
  withClient(async (client) => {
    const found = await client.status(service, version);
    if (found === null) throw failed(`${service} ${version} was never prepared here`);
    if (options.json) printJson(found);
    else print(renderStatus(found));
  });

/** `release-prep cancel S V`: asks; the run ends when its activities have. */
export const cancel = (service: string, version: string): Promise<void> =>
  withClient(async (client) => {
    if ((await client.status(service, version)) === null)
      throw failed(`${service} ${version} was never prepared here`);
    await client.cancel(service, version);
    tell(`asked ${service} ${version} to end; see: release-prep status '${service}' '${version}'`);
  });
