import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client as Elasticsearch } from '@elastic/elasticsearch';
import { startReleaseSystem } from '../../sandbox/release-system';
import type { Host } from '../../src/domain/host';
import { freePort } from '../../src/embedded/server-process';
import { startOwnElasticsearch } from '../fixtures/servers/elasticsearch';
import { startModel } from '../fixtures/servers/model';
import { readHistory, startPrometheusWith } from '../fixtures/servers/prometheus';
import { serviceFor, STEP_NAMES } from './steps';

const INDEX = 'topo-traces-generic.otel-default';
const HOSTS_EACH = 4;
/** Enough of a day for levels, little enough for twelve services: every third sample of these metrics. */
const KEPT =
  /^(container_|go_goroutines|process_|http_requests_total|http_request_errors_total|up\b)/;
const SAMPLE_SECONDS = 60;

export type Upstreams = Awaited<ReturnType<typeof startUpstreams>>;

/** What all rows share, real but for the release system and the model; `folder` keeps Elasticsearch's data. */
export async function startUpstreams(folder: string) {
  const port = await freePort();
  const start = () => startOwnElasticsearch('9.5.3', { folder, port });
  const [elasticsearch, prometheus, model, releaseSystem] = await Promise.all([
    start(),
    startPrometheusWith((end) => historyOfAll(readHistory('healthy', end))),
    startModel('answer'),
    startReleaseSystem({ hosts: STEP_NAMES.flatMap(hostsOf), pageSize: 3 }),
  ]);
  await loadChains(elasticsearch.url);
  let running = elasticsearch;
  return {
    elasticsearch: elasticsearch.url,
    prometheus: prometheus.url,
    model: model.url,
    releaseSystem: releaseSystem.url,
    stopElasticsearch: () => running.stop(),
    startElasticsearch: async () => void (running = await start()),
    async stop() {
      await Promise.all([running, prometheus, model, releaseSystem].map((one) => one.stop()));
    },
  };
}

const hostsOf = (step: (typeof STEP_NAMES)[number], number: number): Host[] =>
  Array.from({ length: HOSTS_EACH }, (_, i) => ({
    host_id: `${serviceFor(step)}-node-${i}`,
    host_ip: `10.0.${number}.${i + 1}`,
    status: 'running',
    zone: `zone${i % 2}`,
    services: [{ name: serviceFor(step), version: 'v1.0.0', status: 'active' }],
  }));

/** The history of one service → that of each, family by family as OpenMetrics wants it. */
function historyOfAll(text: string): string {
  const families: { head: string[]; samples: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('# EOF') || line === '') continue;
    const isHead = line.startsWith('#');
    const last = families.at(-1);
    if (isHead && (last === undefined || last.samples.length > 0))
      families.push({ head: [line], samples: [] });
    else if (isHead) last?.head.push(line);
    else if (isKept(line)) last?.samples.push(line);
  }
  const copies = ({ samples }: { samples: string[] }) =>
    STEP_NAMES.flatMap((step) =>
      samples.map((line) =>
        line.replace('service="checkout-api"', `service="${serviceFor(step)}"`),
      ),
    );
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => [...family.head, ...copies(family)]);
  return `${lines.join('\n')}\n# EOF\n`;
}

const isKept = (line: string): boolean =>
  KEPT.test(line) && Number(line.slice(line.lastIndexOf(' ') + 1)) % SAMPLE_SECONDS === 0;

/** Each service with a caller and a store of its own, so that no release is in another one's way. */
async function loadChains(url: string): Promise<void> {
  const fixture = path.resolve(__dirname, '../fixtures/topology/otel/mappings.json');
  const mappings = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, object>;
  const client = new Elasticsearch({ node: url });
  await client.indices.create({ index: INDEX, ...mappings[INDEX] });
  const operations = STEP_NAMES.flatMap((step) =>
    Array.from({ length: 20 }, (_, i) => traceOf(serviceFor(step), i)).flat(),
  ).flatMap((document) => [{ create: {} }, document]);
  const { errors } = await client.bulk({ index: INDEX, refresh: true, operations });
  if (errors) throw new Error('the bulk load of the chains had errors');
  await client.close();
}

function traceOf(service: string, number: number): object[] {
  const at = Date.now() - 60_000 * (number + 1);
  const trace = Buffer.from(`${service}-${number}`).toString('hex').padEnd(32, '0').slice(-32);
  const names = [`caller-of-${service}`, service, `callee-of-${service}`];
  return names.flatMap((name, depth) => {
    const id = (kind: string) => `${trace.slice(-12)}${depth}${kind}`.slice(-16);
    const span = {
      data_stream: { type: 'traces', dataset: 'generic.otel', namespace: 'default' },
      trace_id: trace,
      links: [],
      status: { code: 'Unset' },
      resource: { attributes: { 'service.name': name } },
      scope: { name: 'chaos' },
      duration: 1_000_000,
    };
    const server = {
      ...span,
      '@timestamp': `${at + depth}.000000`,
      span_id: id('a'),
      name: 'GET /',
      kind: 'Server',
      ...(depth > 0 && { parent_span_id: `${trace.slice(-12)}${depth - 1}b`.slice(-16) }),
      attributes: { 'http.request.method': 'GET' },
    };
    const next = names[depth + 1];
    if (next === undefined) return [server];
    const attributes = { 'http.request.method': 'GET', 'server.address': next };
    const call = { span_id: id('b'), parent_span_id: id('a'), kind: 'Client', attributes };
    return [server, { ...span, '@timestamp': `${at + depth}.500000`, name: 'GET', ...call }];
  });
}
