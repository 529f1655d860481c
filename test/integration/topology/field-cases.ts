import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Client } from '@elastic/elasticsearch';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createTopology, type TopologyOptions } from '../../../src/adapters/topology/topology';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { buildChain } from '../../../src/steps/service-chain/build-chain';

const folder = path.resolve(__dirname, '../../fixtures/topology/field');
const WINDOW = '2026-11-28T00:00:00Z/2026-11-30T00:00:00Z';

/** Loads the traces as they are in the field: templates, then every case. */
export async function loadField(url: string): Promise<void> {
  const client = new Client({ node: url });
  const templates = JSON.parse(readFileSync(path.join(folder, 'templates.json'), 'utf8')) as Record<
    string,
    object
  >;
  for (const [name, template] of Object.entries(templates))
    await client.indices.putIndexTemplate({ name, ...template });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ndjson.gz'))) {
    const answer = await client.transport.request<{ errors: boolean }>({
      method: 'POST',
      path: '/_bulk',
      querystring: { refresh: true, filter_path: 'errors' },
      bulkBody: gunzipSync(readFileSync(path.join(folder, file))).toString('utf8'),
    });
    if (answer.errors) throw new Error(`the bulk load of ${file} had errors`);
  }
  await client.close();
}

/** Chains of one case; `where` is its prefix (`c14-`) or `=INDEX`. */
export function fieldChains(url: string) {
  const client = createElasticsearch({ url });
  return async (
    where: string,
    service: string,
    more: Partial<TopologyOptions> = {},
  ): Promise<ServiceChain> => {
    const place = where.startsWith('=')
      ? { indexPrefix: '', index: where.slice(1) }
      : { indexPrefix: where };
    const options = { url, client, schema: 'auto' as const, window: WINDOW, ...place, ...more };
    const now = new Date('2026-11-30T00:00:00Z');
    return buildChain(service, await createTopology(options).trace({ service, now }));
  };
}

/** `a -> b 40`, calls without an answer as `a ~> b 40`, those of stores as `a => b 40`. */
export function edgesOf({ edges, nodes }: ServiceChain): string[] {
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const arrows = { service: '->', unresolved: '~>', external: '=>' };
  return edges
    .map(
      ({ caller, callee, calls }) =>
        `${caller} ${arrows[kinds.get(callee) ?? 'service']} ${callee} ${calls}`,
    )
    .sort();
}

export const membersOf = ({ upstream, downstream }: ServiceChain): string =>
  [upstream, downstream]
    .map((list) => list.map(({ service, hops }) => `${service}(${hops})`).join(' '))
    .join(' | ');

export const saysOf = ({ notes = [] }: ServiceChain): string =>
  notes.map(({ reason, detail }) => `${reason}: ${detail}`).join('\n');

/** Services of parents and children in a file of the exporter's mode `otel`, from the documents themselves. */
export function parentPairs(file: string): string[] {
  type Document = {
    trace_id: string;
    span_id: string;
    parent_span_id?: string;
    resource: { attributes: Record<string, string> };
  };
  const documents = gunzipSync(readFileSync(path.join(folder, file)))
    .toString()
    .split('\n')
    .filter((line) => line.includes('"span_id"'))
    .map((line) => JSON.parse(line) as Document);
  const serviceOf = (document: Document) => document.resource.attributes['service.name'] ?? '';
  const byId = new Map(documents.map((each) => [`${each.trace_id} ${each.span_id}`, each]));
  return documents.flatMap((each) => {
    const parent = byId.get(`${each.trace_id} ${each.parent_span_id ?? ''}`);
    if (parent === undefined || serviceOf(parent) === serviceOf(each)) return [];
    return [`${serviceOf(parent)} ${serviceOf(each)}`];
  });
}
