/** A process that asks a model once with telemetry on: the exporters load Node's modules in a way that jest cannot. */
import { z } from 'zod';
import { createModel } from '../../src/adapters/model/model';
import { startTelemetry } from '../../src/adapters/telemetry/telemetry';

async function main(): Promise<void> {
  const said: string[] = [];
  const telemetry = startTelemetry(process.env['COLLECTOR'], (message) => said.push(message));
  const model = createModel({
    baseUrl: process.env['MODEL'],
    apiKey: 'sk-very-secret',
    model: 'm',
    structuredOutput: 'json_schema',
    cacheDir: process.env['CACHE'] ?? '',
  });
  const request = {
    name: 'x',
    schema: z.strictObject({ n: z.number() }),
    system: 'You count.',
    version: '1',
    user: '"top secret"',
  };
  const asked = await model.ask(request).then(
    ({ kind }) => kind,
    () => 'failed',
  );
  const before = Date.now();
  await telemetry.stop();
  console.log(JSON.stringify({ asked, said, stopMs: Date.now() - before }));
}

void main();
