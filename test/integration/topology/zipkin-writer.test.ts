import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startOpenSearch } from '../../fixtures/servers/opensearch';
import { startZipkin } from '../../fixtures/servers/zipkin';
import { waitUntil } from '../../fixtures/wait';
import { fieldChains, membersOf } from './field-cases';
import { countOf, send } from './topology-cases';

jest.setTimeout(600_000);

const fixtures = path.resolve(__dirname, '../../fixtures/topology');
let storage: Awaited<ReturnType<typeof startOpenSearch>>;
let chainOf: ReturnType<typeof fieldChains>;
beforeAll(async () => {
  storage = await startOpenSearch();
  chainOf = fieldChains(storage.url);
});
afterAll(() => storage?.stop());

describe("Zipkin's server", () => {
  beforeAll(async () => {
    const zipkin = await startZipkin(storage.url);
    try {
      let sent = 0;
      for (const name of ['c13-istio-zipkin', 'c32-zipkin-64-128']) {
        const spans = new Uint8Array(
          gunzipSync(readFileSync(path.join(fixtures, 'field', `${name}.json.gz`))),
        );
        sent += (JSON.parse(Buffer.from(spans).toString()) as unknown[]).length;
        const headers = { 'content-type': 'application/json' };
        await send(`${zipkin.url}/api/v2/spans`, spans, headers);
      }
      await waitUntil(
        () => countOf(storage.url, 'zipkin-span-*'),
        (count) => count >= sent,
        { timeoutMs: 120_000, everyMs: 500 },
      );
    } finally {
      await zipkin.stop();
    }
  });

  it.each([
    [
      'productpage.default',
      'istio-ingressgateway(1) | details.default(1) reviews.default(1) ratings.default(2)',
    ],
    ['ratings.default', 'reviews.default(1) productpage.default(2) istio-ingressgateway(3) | '],
    ['old-b3', 'edge-b3(1) | back-b3(1)'],
  ])('writes what gives %s its chain', async (service, members) => {
    const chain = await chainOf('', service);
    expect([chain.source.schema, membersOf(chain)]).toEqual(['zipkin', members]);
  });

  it('keeps the names of workloads, of which near ones are offered', async () => {
    const { status, notes = [] } = await chainOf('', 'productpage');
    expect(status).toBe('unknown');
    expect(notes[0]?.detail).toContain('productpage.default');
  });
});
