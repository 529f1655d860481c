import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import {
  createElasticsearch,
  fromElasticsearch,
  readCa,
} from '../../../src/adapters/elasticsearch/elasticsearch';
import { parseShape } from '../../../src/adapters/upstream/bounded-json';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import {
  createAuthority,
  createCertificate,
  type Certificate,
} from '../../fixtures/servers/certificates';
import { sleep } from '../../fixtures/wait';

let close: (() => void) | undefined;
afterEach(() => close?.());

const SECRET = 'hunter2-secret';
const listen = async (server: Server & { closeAllConnections?: () => void }): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  close = () => {
    server.closeAllConnections?.();
    server.close();
  };
  return (server.address() as AddressInfo).port;
};
const serve = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}`;

const HEADERS = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, { ...HEADERS, ...headers }).end(JSON.stringify(body));
/** An error body as Elasticsearch writes it. */
const fault = (type: string, reason: string, rootType = type, rootReason = reason) => ({
  error: { type, reason, root_cause: [{ type: rootType, reason: rootReason }] },
});

type Options = Partial<Parameters<typeof createElasticsearch>[0]>;
const search = (url: string, options: Options = {}, signal?: AbortSignal) => {
  const client = createElasticsearch({ url, ...options });
  return fromElasticsearch('elasticsearch', signal, () => client.search({}, { signal }));
};
const failure = async (read: Promise<unknown>): Promise<UpstreamError> => {
  const error: unknown = await read.then(
    () => 'it did not fail',
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
};

describe('credentials', () => {
  const headerOf = async (options: Options): Promise<IncomingMessage['headers']> => {
    let headers: IncomingMessage['headers'] = {};
    const url = await serve((request, response) => {
      headers = request.headers;
      answer(200, { hits: { hits: [] } })(request, response);
    });
    await search(url, options);
    return headers;
  };

  it('sends an API key in its header', async () => {
    expect((await headerOf({ apiKey: 'aWQ6a2V5' })).authorization).toBe('ApiKey aWQ6a2V5');
  });

  it('sends username and password as basic authorisation, unicode included', async () => {
    const { authorization } = await headerOf({ username: 'topo', password: 'pä:ss' });
    expect(authorization).toBe(`Basic ${Buffer.from('topo:pä:ss').toString('base64')}`);
  });

  it('sends nothing when there are none, and asks for no compression', async () => {
    const headers = await headerOf({});
    expect(headers.authorization).toBeUndefined();
    expect(headers['accept-encoding']).toBeUndefined();
  });

  it('wrong ones fail for good, naming the variables to fix and never the secret', async () => {
    const url = await serve(
      answer(
        401,
        fault('security_exception', 'unable to authenticate user [topo] for REST request'),
      ),
    );
    for (const options of [{ apiKey: SECRET }, { username: 'topo', password: SECRET }]) {
      const error = await failure(search(url, options));
      expect(error).toMatchObject({ permanent: true, status: 401 });
      expect(error.message).toMatch(/rejected the credentials: fix ELASTICSEARCH_API_KEY, or/);
      expect(error.message).toContain('ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD');
      expect(error.message).not.toContain(SECRET);
      expect(error.stack).not.toContain(SECRET);
    }
  });

  it('absent ones are asked for', async () => {
    const reason = 'missing authentication credentials for REST request [/_search]';
    const url = await serve(answer(401, fault('security_exception', reason)));
    expect((await failure(search(url))).message).toMatch(
      /asks for credentials: set ELASTICSEARCH_API_KEY/,
    );
  });

  it('a missing privilege fails for good and says which one and where', async () => {
    const reason =
      'action [indices:data/read/search] is unauthorized for user [topo] with effective roles [x] on indices [traces-*], ' +
      'this action is granted by the index privileges [read,all]';
    const url = await serve(answer(403, fault('security_exception', reason)));
    const error = await failure(search(url));
    expect(error.permanent).toBe(true);
    expect(error.message).toMatch(/the index privilege "read" on traces-\* is missing/);
    expect(error.message).toContain('docs/elasticsearch.md');
  });
});

describe('a server in trouble', () => {
  it.each([
    ['es_rejected_execution_exception', 'rejected execution of queue task'],
    ['circuit_breaking_exception', '[parent] Data too large'],
  ])('429 with %s is asked again, after what Retry-After says', async (type, reason) => {
    const url = await serve(answer(429, fault(type, reason), { 'retry-after': '7' }));
    const error = await failure(search(url));
    expect(error).toMatchObject({ permanent: false, status: 429, retryAfterMs: 7_000 });
    expect(error.message).toContain(`is overloaded (429: ${type}: ${reason})`);
  });

  it.each([500, 502, 503, 504])('%i is asked again', async (status) => {
    const url = await serve(
      answer(status, fault('search_phase_execution_exception', 'all shards failed')),
    );
    expect(await failure(search(url))).toMatchObject({ permanent: false, status });
  });

  it('a lost point in time is asked again though it is a 404, a missing index is not', async () => {
    const lost = fault(
      'search_phase_execution_exception',
      'all shards failed',
      'search_context_missing_exception',
      'No search context found for id [5]',
    );
    const url = await serve(answer(404, lost));
    const error = await failure(search(url));
    expect(error.permanent).toBe(false);
    expect(error.message).toContain('search_context_missing_exception: No search context found');
    close?.();
    const other = await serve(answer(404, fault('index_not_found_exception', 'no such index [x]')));
    expect((await failure(search(other))).permanent).toBe(true);
  });

  it('a bad request fails for good with the reason of the root cause', async () => {
    const body = fault('search_phase_execution_exception', 'all shards failed', 'illegal', 'why');
    const error = await failure(search(await serve(answer(400, body))));
    expect(error.permanent).toBe(true);
    expect(error.message).toContain('answered 400: illegal: why');
  });

  it('no server at the address is asked again', async () => {
    const port = await listen(createTcpServer());
    close?.();
    const error = await failure(search(`http://127.0.0.1:${port}`));
    expect(error.permanent).toBe(false);
    expect(error.message).toMatch(/no connection: connect ECONNREFUSED/);
  });

  it('a connection that ends in mid-answer is asked again', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { ...HEADERS, 'content-length': '1000' });
      response.write('{"hits":', () => response.destroy());
    });
    const error = await failure(search(url));
    expect(error.permanent).toBe(false);
    expect(error.message).toMatch(/no connection/);
  });

  it('an answer that is no JSON is asked again', async () => {
    const url = await serve((_, response) => response.writeHead(200, HEADERS).end('{"hits":'));
    const error = await failure(search(url));
    expect([error.permanent, error.message]).toEqual([
      false,
      'elasticsearch: the answer is not JSON',
    ]);
  });
});

describe('what is not to be read', () => {
  it('a server that is not Elasticsearch is refused in words', async () => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    );
    const error = await failure(search(url));
    expect(error.permanent).toBe(true);
    expect(error.message).toMatch(/Elasticsearch .* or OpenSearch .*TOPOLOGY_URL=file:PATH/);
  });

  it.each([true, false])(
    'an answer over the bound fails for good (length said: %s)',
    async (said) => {
      const body = JSON.stringify({ filler: 'x'.repeat(5_000) });
      const url = await serve((_, response) => {
        response.writeHead(200, { ...HEADERS, ...(said && { 'content-length': body.length }) });
        response.end(body);
      });
      const error = await failure(search(url, { maxResponseBytes: 1_000 }));
      expect(error.permanent).toBe(true);
      expect(error.message).toMatch(/the answer is too large/);
    },
  );

  it('compressed data that nobody asked for cannot grow without bound', async () => {
    const body = gzipSync(Buffer.alloc(80 * 1024 * 1024, ' '));
    const url = await serve((_, response) =>
      response.writeHead(200, { ...HEADERS, 'content-encoding': 'gzip' }).end(body),
    );
    expect((await failure(search(url))).message).toMatch(/the answer is too large/);
  });

  it('an answer that drips for ever ends with the time of the request', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, HEADERS).write('{"hits":');
      const timer = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(timer));
    });
    const client = createElasticsearch({ url });
    const request = client.search({ index: 'a' }, { requestTimeout: 300, maxRetries: 0 });
    const began = Date.now();
    const error = await failure(fromElasticsearch('elasticsearch', undefined, () => request));
    expect(error).toMatchObject({ permanent: false, message: expect.stringContaining('in time') });
    expect(Date.now() - began).toBeLessThan(10_000);
    await client.close();
  });

  it('early hints for ever end with the time of the request', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    const url = await serve(({ socket }) => {
      const timer = setInterval(() => socket.write(hints), 20);
      socket.once('close', () => clearInterval(timer));
    });
    const client = createElasticsearch({ url });
    const request = client.search({ index: 'a' }, { requestTimeout: 300, maxRetries: 0 });
    const error = await failure(fromElasticsearch('elasticsearch', undefined, () => request));
    expect(error).toMatchObject({ permanent: false, message: expect.stringContaining('in time') });
    await client.close();
  });

  it('data of an unexpected shape fail for good', async () => {
    const read = fromElasticsearch('elasticsearch', undefined, async () =>
      parseShape(z.object({ hits: z.object({ n: z.number() }) }), { hits: { n: 'x' } }),
    );
    const error = await failure(read);
    expect(error.permanent).toBe(true);
    expect(error.message).toMatch(/the answer has an unexpected shape: hits\.n:/);
  });

  it('an error of our own stays what it is', async () => {
    const own = new TypeError('a bug');
    await expect(
      fromElasticsearch('elasticsearch', undefined, () => Promise.reject(own)),
    ).rejects.toBe(own);
  });
});

it.each([
  ['before the answer', false],
  ['in the middle of the answer', true],
])('cancellation ends a request that hangs %s, and its reason comes through', async (_, begins) => {
  let arrived: () => void = () => undefined;
  let gone: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (arrived = resolve));
  const closed = new Promise<void>((resolve) => (gone = resolve));
  const url = await serve((request, response) => {
    request.socket.once('close', gone);
    if (begins) response.writeHead(200, HEADERS).write('{"hits":', arrived);
    else arrived();
  });
  const controller = new AbortController();
  const reason = new Error('the workflow was cancelled');
  const read = search(url, {}, controller.signal);
  await begun;
  await sleep(50);
  controller.abort(reason);
  await expect(read).rejects.toBe(reason);
  await closed;
});

describe('TLS', () => {
  let authority: Certificate;
  let folder: string;
  let caFile: string;
  beforeAll(async () => {
    authority = await createAuthority();
    folder = mkdtempSync(path.join(tmpdir(), 'ca-'));
    caFile = path.join(folder, 'ca.pem');
    writeFileSync(caFile, authority.cert);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const secured = async (options: { host?: string; expired?: boolean } = {}): Promise<string> => {
    const certificate = await createCertificate(authority, options);
    const server = createTlsServer(certificate, answer(200, { hits: { hits: [] } }));
    return `https://127.0.0.1:${await listen(server)}`;
  };

  it('a private authority is trusted when its file is given', async () => {
    await expect(search(await secured(), { caFile })).resolves.toEqual({ hits: { hits: [] } });
  });

  it.each([
    ['an unknown authority', {}, false, /unknown authority: set ELASTICSEARCH_CA_FILE/],
    [
      'another host',
      { host: 'es.example.com' },
      true,
      /for another host: .*127\.0\.0\.1 is not in/,
    ],
    ['an expired certificate', { expired: true }, true, /has expired: renew it/],
  ])('%s fails for good, in words', async (_, options, trusted, words) => {
    const error = await failure(search(await secured(options), trusted ? { caFile } : {}));
    expect(error.permanent).toBe(true);
    expect(error.message).toMatch(words);
  });

  it('https to a server that speaks http says so', async () => {
    const url = await serve(answer(200, {}));
    const error = await failure(search(url.replace('http:', 'https:')));
    expect(error.permanent).toBe(true);
    expect(error.message).toMatch(/does not speak TLS at this address/);
  });

  it('an authority file that is absent or no certificate is said at the start', () => {
    const bad = path.join(folder, 'bad.pem');
    writeFileSync(bad, 'no certificate');
    for (const file of [bad, path.join(folder, 'absent.pem')]) {
      expect(() => readCa(file)).toThrow(`ELASTICSEARCH_CA_FILE: ${file} is not a readable PEM`);
    }
  });
});
