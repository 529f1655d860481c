import { readFileSync } from 'node:fs';
import path from 'node:path';
import { apmMetrics } from '../../../../src/adapters/topology/schemas/apm-metrics';
import type { Search } from '../../../../src/adapters/topology/schemas/topology-schema';

const range = { from: Date.parse('2006-01-02T15:00:00Z'), to: Date.parse('2006-01-02T16:00:00Z') };
const query = { service: 'systemtest', range, resolve: (field: string) => field };

/** What APM Server really writes: the three roll-ups of one minute's calls, as `fields` of each document. */
const written = JSON.parse(
  readFileSync(
    path.resolve(
      __dirname,
      '../../../fixtures/topology/real-apm/apm-server_TestServiceDestinationAggregation.approved.json',
    ),
    'utf8',
  ),
) as Record<string, unknown[]>[];

it('asks only for fields that real metric documents have, and matches the one-minute document alone', async () => {
  const bodies: Parameters<Search>[0][] = [];
  await apmMetrics.read((body) => {
    bodies.push(body);
    return Promise.resolve({ hits: [], aggregations: undefined });
  }, query);
  const text = JSON.stringify(bodies[0]);
  const fields = [...text.matchAll(/"field":"([^"]+)"/g)].map(([, field = '']) => field);
  const terms = [...text.matchAll(/"term":\{"([^"]+)":"([^"]+)"\}/g)].map(
    ([, field = '', value = '']) => [field, value] as const,
  );
  for (const field of [...fields, ...terms.map(([name]) => name)]) {
    for (const document of written) expect([field, field in document]).toEqual([field, true]);
  }
  const filters = terms.filter(([name]) => name !== 'event.outcome');
  const matching = written.filter((document) =>
    filters.every(([name, value]) => document[name]?.[0] === value),
  );
  expect(written.length).toBeGreaterThan(matching.length);
  expect(matching.map((document) => document['data_stream.dataset'])).toEqual(
    matching.map(() => ['apm.service_destination.1m']),
  );
  expect(matching.length).toBeGreaterThan(0);
});

it('turns buckets of these documents into an edge, unresolved while nobody answered', async () => {
  const [document] = written;
  const bucket = {
    key: {
      service: document?.['service.name']?.[0],
      resource: document?.['span.destination.service.resource']?.[0],
      name: document?.['span.name']?.[0],
    },
    calls: { value: document?.['span.destination.service.response_time.count']?.[0] },
    failed: { calls: { value: 0 } },
    last: { value: range.from },
  };
  const answers = [{ pages: { buckets: [bucket] } }, { pages: { buckets: [] } }];
  const relations = await apmMetrics.read(
    () => Promise.resolve({ hits: [], aggregations: answers.shift() }),
    query,
  );
  expect(relations).toEqual([
    {
      caller: 'systemtest',
      callee: 'resource',
      kind: 'unresolved',
      calls: 5,
      errors: 0,
      via: 'sync',
      last_seen: '2006-01-02T15:00:00.000Z',
    },
  ]);
});
