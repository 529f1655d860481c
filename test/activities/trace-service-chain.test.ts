import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { traceServiceChain } from '../../src/activities/trace-service-chain';
import { createElasticsearch } from '../../src/adapters/elasticsearch/elasticsearch';
import { createTopology, type Topology } from '../../src/adapters/topology/topology';

jest.setTimeout(60_000);

const SHARDS = { total: 1, failed: 0 };
const FIELDS = { trace_id: ['t'], span_id: ['s'], 'resource.attributes.service.name': ['shop'] };
const hit = { _index: 'traces-a.otel-b', fields: FIELDS, sort: [1] };
const ANSWERS: [address: RegExp, answer: object][] = [
  [/_field_caps/, { indices: ['traces-a.otel-b'], fields: { trace_id: { keyword: {} } } }],
  [/_pit/, { id: 'a point in time' }],
  [/_search/, { timed_out: false, _shards: SHARDS, hits: { hits: [hit] } }],
];
const sample = {
  ...{ timed_out: false, _shards: SHARDS, hits: { hits: [] } },
  aggregations: { total: { value: 1 }, ids: { buckets: [{ key: 't' }] } },
};

/** An Elasticsearch with one trace; `silent` is never answered. */
async function serve(silent?: RegExp) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const address = `${request.method} ${request.url}`;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(address);
      if (silent?.test(address)) {
        response.on('close', () => server.emit('hung up'));
        return void server.emit('silent');
      }
      const searches = Buffer.concat(chunks).toString().trim().split('\n').length / 2;
      const answer = /_msearch/.test(address)
        ? { responses: Array.from({ length: searches }, () => sample) }
        : ANSWERS.find(([pattern]) => pattern.test(address))?.[1];
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const topology = createTopology({
    ...{ url, client: createElasticsearch({ url }), schema: 'otel', indexPrefix: '' },
    window: '2026-08-22T23:30:00Z/2026-08-23T00:30:00Z',
  });
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { server, topology, asked, stop };
}

const trace = (topology: Topology) =>
  traceServiceChain({ topology }, { service: 'shop', now: '2026-08-23T00:30:00Z' });

it('heartbeats with every request, and closes its point in time', async () => {
  const { topology, asked, stop } = await serve();
  const env = new MockActivityEnvironment();
  let beats = 0;
  env.on('heartbeat', () => (beats += 1));
  try {
    expect(await env.run(trace, topology)).toMatchObject({ status: 'ok' });
    expect(asked.at(-1)).toContain('DELETE /_pit');
    // What closes the point in time tells nothing new.
    expect(beats).toBeGreaterThanOrEqual(asked.length - 1);
    expect(asked.length).toBeGreaterThan(4);
  } finally {
    stop();
  }
});

it.each([/_field_caps/, /_msearch/, /POST \/_search/])(
  'hangs up when it is cancelled while %s is under way',
  async (silent) => {
    const { server, topology, asked, stop } = await serve(silent);
    const env = new MockActivityEnvironment();
    try {
      const [underWay, hungUp] = [once(server, 'silent'), once(server, 'hung up')];
      const running = env.run(trace, topology);
      await Promise.race([underWay, running]);
      env.cancel('CANCELLED');
      await expect(running).rejects.toBeInstanceOf(CancelledFailure);
      await hungUp;
      const opened = asked.filter((address) => /POST .*_pit/.test(address)).length;
      expect(asked.filter((address) => address.includes('DELETE /_pit'))).toHaveLength(opened);
    } finally {
      stop();
    }
  },
);
