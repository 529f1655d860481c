import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { canariesIn, filesBelow } from './canaries';
import type { serveCollector } from './otlp';
import { releasePrep } from './stack';

type Collector = Awaited<ReturnType<typeof serveCollector>>;

/** All that leaves the product, by where it was found, for tests that search it for what must not be there. */
export function collectLeftBehind() {
  const texts: { where: string; text: string }[] = [];
  const keep = (where: string, text: string) => void texts.push({ where, text });
  return {
    texts,
    keep,
    /** Runs a command; what it writes is kept. */
    async command(name: string, args: string[], env: Record<string, string>) {
      const done = await releasePrep(args, env);
      keep(`${name}: ${args[0]}, stdout`, done.out);
      keep(`${name}: ${args[0]}, stderr`, done.err);
      return done;
    },
    keepFiles: (label: string, folder: string) =>
      filesBelow(folder).forEach(({ file, text }) =>
        keep(`${label}, ${path.relative(folder, file)}`, text),
      ),
    /** What a collector got, but for the headers that are meant for it. */
    keepTelemetry(collector: Collector, itsOwn: readonly string[]) {
      for (const { path: route, headers, bytes } of collector.requests) {
        const others = Object.entries(headers).filter(([header]) => !itsOwn.includes(header));
        const text = `${route} ${JSON.stringify(others)} ${bytes.toString('latin1')}`;
        keep('what the collector got', text);
      }
    },
    keepHistories: async (name: string, client: Client) => {
      for await (const found of historiesOf(client))
        for (const [what, text] of Object.entries(found.texts))
          keep(`${name}: ${what} of ${found.workflowId}`, text);
    },
    /** `canary in place` of each that is somewhere. */
    leaks: (planted: Record<string, string>): string[] =>
      texts.flatMap(({ where, text }) =>
        canariesIn(text, planted).map((name) => `${name} in ${where}`),
      ),
  };
}

/** Each run of the namespace as the server has it and as this client reads it, with what describes it. */
async function* historiesOf(client: Client) {
  const codecs = client.options.loadedDataConverter.payloadCodecs;
  for await (const { workflowId, runId } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const history = historyToJSON(await handle.fetchHistory());
    const { raw } = await handle.describe();
    const result = await Promise.race([
      handle.result().catch((error: Error) => `${error.stack} ${String(error.cause)}`),
      sleep(100, 'it runs'),
    ]);
    const texts = {
      history,
      description: JSON.stringify(raw),
      result: JSON.stringify(result) ?? 'none',
      payload: (await decoded(codecs, payloadsIn(history))).join('\n'),
    };
    yield { workflowId, texts };
  }
}

const payloadsIn = (json: string): Payload[] =>
  [...json.matchAll(/"metadata": (\{[^{}]*\}),\s+"data": "([A-Za-z0-9+/=]+)"/g)].map(
    ([, metadata = '{}', data = '']) => ({
      metadata: Object.fromEntries(
        Object.entries(JSON.parse(metadata) as Record<string, string>).map(([key, value]) => [
          key,
          Buffer.from(value, 'base64'),
        ]),
      ),
      data: Buffer.from(data, 'base64'),
    }),
  );

/** One at a time: a payload that this client has no key for hides no other. */
async function decoded(codecs: PayloadCodec[], payloads: Payload[]) {
  const texts: string[] = [];
  for (const payload of payloads)
    for (const codec of codecs)
      for (const { data } of await codec.decode([payload]).catch(() => []))
        texts.push(Buffer.from(data ?? []).toString());
  return texts;
}
