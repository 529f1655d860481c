import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { createModel } from '../../../src/adapters/model/model';
import type { ModelOptions } from '../../../src/adapters/model/model-options';
import { serveModel, type Behaviour } from '../../fixtures/servers/model';

export const request = {
  name: 'x',
  schema: z.strictObject({ n: z.number().max(9) }),
  system: 'You count.',
  version: '1',
  user: '{"fact":1}',
};

export const newFolder = (): string => mkdtempSync(path.join(os.tmpdir(), 'release-prep-model-'));

const stops: (() => Promise<void>)[] = [];
export const stopAll = async (): Promise<void> => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
};

/** A model of the product on a stand-in server; the first rung is configured unless told otherwise. */
export async function modelOn(behaviour: Behaviour, options: Partial<ModelOptions> = {}) {
  const server = await serveModel(behaviour);
  stops.push(server.stop);
  const settings: ModelOptions = {
    baseUrl: `${server.url}/v1/`,
    apiKey: 'secret',
    model: 'm',
    structuredOutput: 'json_schema',
    cacheDir: newFolder(),
    ...options,
  };
  return { model: createModel(settings), server, settings };
}
