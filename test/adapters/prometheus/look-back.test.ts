import { serveJson } from '../../../sandbox/http-server';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';

it('asks for a look-back of its own where one is given, in each part of a range', async () => {
  const asked: (string | null)[] = [];
  const server = await serveJson((address) => {
    asked.push(address.searchParams.get('lookback_delta'));
    return { body: { status: 'success', data: { resultType: 'matrix', result: [] } } };
  });
  const prometheus = createPrometheus({ url: server.url });
  await prometheus.queryRange('up', { start: 0, end: 60, stepSeconds: 15, lookBackSeconds: 90 });
  await prometheus.queryRange('up', { start: 0, end: 60, stepSeconds: 15 });
  await prometheus.queryRange('up', { start: 0, end: 20_000, stepSeconds: 1, lookBackSeconds: 90 });
  await server.stop();
  expect(asked).toEqual(['90s', null, '90s', '90s']);
});
