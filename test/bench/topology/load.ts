import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import {
  startOwnElasticsearch,
  type ElasticsearchServer,
} from '../../fixtures/servers/elasticsearch';
import { createLandscape } from './landscape';
import { createRandom } from '../../fixtures/random';
import { generateSpans, type KnownEdge, type SpanDocument } from './spans';

const SEED = 5;
export const INDEX = 'bench-traces-generic.otel-default';
/** A fixed day, so that the same seed gives the same documents. */
export const WINDOW = {
  from: Date.parse('2026-11-01T00:00:00Z'),
  to: Date.parse('2026-11-02T00:00:00Z'),
};
const BULK_BYTES = 8 * 1024 * 1024;
/** Part of the cache's name: to be raised with each change of the generator. */
const GENERATION = 1;

export type Loaded = { server: ElasticsearchServer; edges: KnownEdge[]; spans: number };

/** A server that holds the generated day; made once for each size and then kept in `cache`. */
export async function startLoaded(spans: number, cache: string): Promise<Loaded> {
  const folder = path.join(cache, `topology-${GENERATION}-${SEED}-${spans}`);
  const truth = path.join(folder, 'known-edges.json');
  mkdirSync(folder, { recursive: true });
  const server = await startOwnElasticsearch('9.5.3', { folder, heap: '2g' });
  try {
    if (!existsSync(truth)) writeFileSync(truth, JSON.stringify(await load(server.url, spans)));
    const known = JSON.parse(readFileSync(truth, 'utf8')) as Omit<Loaded, 'server'>;
    return { server, ...known };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function load(url: string, count: number): Promise<Omit<Loaded, 'server'>> {
  const client = createElasticsearch({ url });
  await client.indices.delete({ index: INDEX, ignore_unavailable: true });
  await client.indices.create({ index: INDEX, ...mapping() });
  const random = createRandom(SEED);
  const edges = new Map<string, KnownEdge>();
  let spans = 0;
  let lines: string[] = [];
  let bytes = 0;
  const flush = async () => {
    const body = lines.join('');
    lines = [];
    bytes = 0;
    const answer = await fetch(`${url}/_bulk?filter_path=errors`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    });
    const { errors } = (await answer.json()) as { errors: boolean };
    if (!answer.ok || errors) throw new Error('the bulk load had errors');
  };
  const landscape = createLandscape(random);
  for (const batch of generateSpans(random, landscape, WINDOW, count, edges)) {
    for (const document of batch) {
      const line = bulkLine(document);
      lines.push(line);
      bytes += line.length;
    }
    spans += batch.length;
    if (bytes > BULK_BYTES) {
      await flush();
      process.stderr.write(`\r${spans} of ${count} spans`);
    }
  }
  if (lines.length > 0) await flush();
  process.stderr.write('\n');
  await client.indices.refresh({ index: INDEX });
  await client.indices.flush({ index: INDEX });
  return { spans, edges: [...edges.values()] };
}

const bulkLine = (document: SpanDocument): string =>
  `{"create":{"_index":"${INDEX}"}}\n${JSON.stringify(document)}\n`;

/** The mapping of the exporter's data stream, as in the fixtures. */
function mapping(): object {
  const file = path.resolve(__dirname, '../../fixtures/topology/otel/mappings.json');
  const mappings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
  return Object.values(mappings)[0] ?? {};
}
