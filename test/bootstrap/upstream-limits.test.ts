import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus';
import { createModel } from '../../src/adapters/model/model';
import { parseConfig } from '../../src/config/config';
import { limitedTopology, limitsOf } from '../../src/bootstrap/upstream-limits';
import { newFolder } from '../adapters/model/fixture';
import { z } from 'zod';
import { sleep, waitUntil } from '../fixtures/wait';

/** Counts the requests in flight; each is answered a moment later. */
async function countingServer(answer: unknown) {
  let now = 0;
  const seen = { most: 0, all: 0 };
  const server = createServer((_request, response) => {
    seen.all += 1;
    seen.most = Math.max(seen.most, (now += 1));
    setTimeout(() => {
      now -= 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    }, 5);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen, stop: () => server.close() };
}

/** Runs a body as an activity of a run of its own. */
const inRun = <Result>(runId: string, body: () => Promise<Result>): Promise<Result> =>
  new MockActivityEnvironment(
    { workflowExecution: { workflowId: 'release-prep/a/v1', runId } },
    { logger: new DefaultLogger('ERROR') },
  ).run<[], Result, () => Promise<Result>>(body);

it('shares Prometheus between the runs of a worker: none starves, and the bound holds for all together', async () => {
  const vector = { status: 'success', data: { resultType: 'vector', result: [] } };
  const server = await countingServer(vector);
  const limit = limitsOf(parseConfig({ PROMETHEUS_MAX_REQUESTS: '4' })).prometheus;
  const prometheus = createPrometheus({ url: server.url, limit });
  const ask = (count: number) => () =>
    Promise.all(Array.from({ length: count }, (_, n) => prometheus.query(`up + ${n}`, 0)));
  const order: string[] = [];
  await Promise.all([
    inRun('greedy', ask(200)).then(() => order.push('greedy')),
    inRun('small', ask(10)).then(() => order.push('small')),
    inRun('other', ask(10)).then(() => order.push('other')),
  ]);
  server.stop();
  expect(server.seen).toEqual({ most: 4, all: 220 });
  expect(order.at(-1)).toBe('greedy');
});

it('asks a model of several runs no more at once, and no more in a minute, than it may', async () => {
  const completion = {
    choices: [{ finish_reason: 'stop', message: { content: '{"answer":"yes"}' } }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  };
  const server = await countingServer(completion);
  const config = parseConfig({ LLM_MAX_REQUESTS: '2', LLM_REQUESTS_PER_MINUTE: '12' });
  const model = createModel({
    ...{ baseUrl: `${server.url}/v1`, model: 'm', cacheDir: newFolder() },
    ...{ structuredOutput: 'json_object', limit: limitsOf(config).model },
  });
  const stop = new AbortController();
  const answers = Array.from({ length: 20 }, (_, n) =>
    inRun(`run-${n % 3}`, () =>
      model.ask({
        ...{ name: 'question', schema: z.strictObject({ answer: z.string() }), system: 'Answer.' },
        ...{ user: JSON.stringify({ n }), signal: stop.signal },
      }),
    ),
  );
  const ended = Promise.allSettled(answers);
  await waitUntil(() => server.seen.all >= 12, Boolean, { everyMs: 10 });
  await sleep(200);
  stop.abort(new Error('enough'));
  await ended;
  server.stop();
  expect(server.seen).toEqual({ most: 2, all: 12 });
});

it('reads few chains at once', async () => {
  let now = 0;
  let most = 0;
  const trace = async () => {
    most = Math.max(most, (now += 1));
    await sleep(2);
    now -= 1;
    return { readings: [], source: { indices: [], window: { from: '', to: '' } }, notes: [] };
  };
  const topology = limitedTopology({ trace }, limitsOf(parseConfig({})).elasticsearch);
  await Promise.all(
    Array.from({ length: 30 }, async () => topology?.trace({ service: 'a', now: new Date(0) })),
  );
  expect(most).toBe(8);
});
