import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@elastic/elasticsearch';
import { traceServiceChain } from '../../../src/activities/trace-service-chain';
import {
  createElasticsearch,
  fromElasticsearch,
} from '../../../src/adapters/elasticsearch/elasticsearch';
import { patternsWithout, versionOf } from '../../../src/adapters/elasticsearch/access-checks';
import { parseNamedKeys } from '../../../src/adapters/named-key';
import { createIssueStore, type IssueStore } from '../../../src/adapters/issue-store/issue-store';
import { createTopology } from '../../../src/adapters/topology/topology';
import type { Issue } from '../../../src/domain/issue';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import { freePort } from '../../../src/embedded/server-process';
import { draft } from '../../fixtures/outcomes';
import { loadTopology, startOwnElasticsearch } from '../../fixtures/servers/elasticsearch';
import { releasePrep } from '../../fixtures/stacks/stack';
import {
  ADMIN,
  startSecuredElasticsearch,
  type Access,
} from '../../fixtures/servers/secured-elasticsearch';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(240_000);

const truth = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../fixtures/topology/truth.json'), 'utf8'),
) as { window: [string, string]; downstream: Record<string, string[]> };
const SERVICE = 'checkoutservice';

/** The roles exactly as docs/elasticsearch.md prints them; the fixtures' indices stand under a prefix. */
const [topologyRole, issuesRole] = [
  ...readFileSync(path.resolve(__dirname, '../../../docs/elasticsearch.md'), 'utf8').matchAll(
    /```json\n([\s\S]*?)```/g,
  ),
].map(([, json = '']) => JSON.parse(json.replace('"traces-*"', '"topo-traces-*"')) as object);
const ACCESS: Access = {
  roles: {
    'release-prep-topology': topologyRole ?? {},
    'release-prep-issues': issuesRole ?? {},
    nothing: { cluster: [], indices: [] },
  },
  users: {
    topology: { password: 'topology-secret', roles: ['release-prep-topology'] },
    issues: { password: 'issues-secret', roles: ['release-prep-issues'] },
    nobody: { password: 'nobody-secret', roles: ['nothing'] },
  },
};
const WRONG = 'wrong-secret';

const topologyOf = (url: string, client: Client) =>
  createTopology({
    url,
    client,
    schema: 'otel',
    indexPrefix: 'topo-',
    window: truth.window.join('/'),
  });
const read = (url: string, client: Client) =>
  traceServiceChain(
    { topology: topologyOf(url, client) },
    { service: SERVICE, now: '2026-08-23T00:30:00Z' },
  );
const trueDownstream = [...(truth.downstream[SERVICE] ?? [])].sort();
const downstreamOf = (chain: Awaited<ReturnType<typeof read>>) =>
  chain.downstream.map(({ service }) => service).sort();

async function failureOf(attempt: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await attempt.then(
    () => 'it did not fail',
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
}

/** Points in time and scrolls that a node still holds. */
async function openContexts(client: Client): Promise<number> {
  const { nodes } = await client.nodes.stats({ metric: 'indices', index_metric: 'search' });
  return Object.values(nodes).reduce(
    (sum, node) => sum + (node.indices?.search?.open_contexts ?? 0),
    0,
  );
}

/** Approvals, gate events and the outcome of an issue; read before there is an index of theirs, too. */
async function keepsRecords(store: IssueStore, { issue_id: id, digest }: Issue): Promise<void> {
  expect(await store.approvals(id)).toEqual([]);
  expect(await store.gateEvents(id)).toEqual([]);
  expect(await store.outcome(id)).toBeNull();
  const approval = { by: 'Ana', at: '2026-11-30T10:00:00Z', digest };
  expect(await store.recordApproval(id, approval)).toBe(true);
  expect(await store.recordApproval(id, { ...approval, by: 'ANA' })).toBe(false);
  expect(await store.approvals(id)).toEqual([{ ...approval, issue_id: id }]);
  // Of several at once exactly one writes an event.
  const event = { type: 'pause', at: approval.at };
  const written = await Promise.all([1, 2, 3].map(() => store.appendGateEvent(id, 0, event)));
  expect(written.filter(Boolean)).toEqual([true]);
  expect(await store.gateEvents(id)).toEqual([event]);
  const outcome = {
    ...{ issue_id: id, digest, result: 'completed' as const },
    ...{ started_at: approval.at, ended_at: approval.at },
    ...{ batches: [], rules: [], risks: [], actions: [] },
  };
  await store.recordOutcome(outcome);
  await store.recordOutcome({ ...outcome, result: 'aborted' });
  expect(await store.outcome(id)).toEqual(outcome);
}

describe.each(['8.19.9', '9.5.3'] as const)('a secured Elasticsearch %s', (version) => {
  let server: Awaited<ReturnType<typeof startSecuredElasticsearch>>;
  let admin: Client;
  const as = (username: string, password = ACCESS.users[username]?.password ?? ''): Client =>
    createElasticsearch({ url: server.url, caFile: server.caFile, username, password });
  beforeAll(async () => {
    server = await startSecuredElasticsearch(version, ACCESS);
    admin = as(ADMIN.username, ADMIN.password);
    await loadTopology(server.url, 'otel', as(ADMIN.username, ADMIN.password));
  });
  afterAll(() => server?.stop());

  it('gives the true chain to the documented role, and leaves no point in time open', async () => {
    const chain = await read(server.url, as('topology'));
    expect([chain.status, downstreamOf(chain)]).toEqual(['ok', trueDownstream]);
    expect(await openContexts(admin)).toBe(0);
  });

  it('refuses a write of the documented role', async () => {
    const client = as('topology');
    const error = await failureOf(
      fromElasticsearch('elasticsearch', undefined, () =>
        client.index({ index: 'topo-traces-generic.otel-default', document: {} }),
      ),
    );
    expect(error).toMatchObject({ permanent: true, status: 403 });
    expect(error.message).toMatch(/the index privilege "create_doc" on topo-traces-generic/);
  });

  it('says which credentials to fix, once and for all, without showing them', async () => {
    const error = await failureOf(read(server.url, as('topology', WRONG)));
    expect(error).toMatchObject({ permanent: true, status: 401 });
    expect(error.message).toContain('ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD');
    expect(`${error.stack}`).not.toContain(WRONG);
    const key = createElasticsearch({
      url: server.url,
      caFile: server.caFile,
      apiKey: Buffer.from(`id:${WRONG}`).toString('base64'),
    });
    expect(await failureOf(read(server.url, key))).toMatchObject({ permanent: true, status: 401 });
    const anonymous = createElasticsearch({ url: server.url, caFile: server.caFile });
    expect((await failureOf(read(server.url, anonymous))).message).toContain(
      'asks for credentials',
    );
  });

  it('says which privilege is missing where, instead of an empty chain', async () => {
    const error = await failureOf(read(server.url, as('nobody')));
    expect(error).toMatchObject({ permanent: true, status: 403 });
    expect(error.message).toMatch(
      /the index privilege "(read|view_index_metadata)" on topo-traces-\S* is missing/,
    );
    const patterns = ['topo-traces-*', 'apm-*'];
    expect(await patternsWithout(as('topology'), 'read', patterns)).toEqual(['apm-*']);
    expect(await patternsWithout(as('nobody'), 'read', patterns)).toEqual(patterns);
  });

  it('keeps issues with the other documented role alone', async () => {
    const store = createIssueStore({
      url: server.url,
      client: as('issues'),
      index: 'release-issues',
      sealing: { keys: parseNamedKeys(`k1:${randomBytes(32).toString('base64')}`).keys },
    });
    expect(await store.services()).toEqual([]);
    const recorded = await store.record(draft);
    expect(await store.get(recorded.issue_id)).toEqual(recorded);
    const { _source: kept } = await as('issues').get({
      ...{ index: 'release-issues', id: recorded.issue_id },
    });
    expect(kept).toMatchObject({ seal: { key_id: 'k1', hmac: expect.any(String) } });
    expect((await store.list({ limit: 10 })).map(({ issue_id }) => issue_id)).toEqual([
      recorded.issue_id,
    ]);
    expect(await store.services()).toEqual([draft.service]);
    await keepsRecords(store, recorded);
    const client = as('issues');
    const removal = () => client.delete({ index: 'release-issues', id: recorded.issue_id });
    const refused = await failureOf(fromElasticsearch('issue-store', undefined, removal));
    expect(refused.status).toBe(403);
    expect((await failureOf(read(server.url, client))).status).toBe(403);
  });

  it('is not trusted without the file of its authority', async () => {
    const client = createElasticsearch({ url: server.url, username: 'topology', password: 'x' });
    const error = await failureOf(read(server.url, client));
    expect(error.permanent).toBe(true);
    expect(error.message).toContain('set ELASTICSEARCH_CA_FILE');
  });

  it('is told by doctor with version, schema and missing privileges', async () => {
    const linesOf = async (username: string, password: string, prefix = 'topo-') => {
      const { out } = await releasePrep(['doctor'], {
        ELASTICSEARCH_URL: server.url,
        ELASTICSEARCH_CA_FILE: server.caFile,
        ELASTICSEARCH_USERNAME: username,
        ELASTICSEARCH_PASSWORD: password,
        TOPOLOGY_INDEX_PREFIX: prefix,
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        LLM_MODE: 'off',
      });
      return out.split('\n').filter((line) => /service chain|issue store/.test(line));
    };
    const secret = (user: string) => ACCESS.users[user]?.password ?? '';
    expect(await linesOf(ADMIN.username, ADMIN.password)).toEqual([
      expect.stringMatching(
        new RegExp(`^ok {6}service chain: Elasticsearch ${version}, fields of .*\\botel\\b`),
      ),
      expect.stringMatching(/^ok {6}issue store: readable, /),
    ]);
    const [chain, store] = await linesOf('topology', secret('topology'));
    expect(chain).toMatch(
      /^ok .*version hidden.*, fields of .*otel.*; no privilege "read" on .*jaeger/,
    );
    expect(store).toMatch(
      /^missing issue store: .*create_doc, create_index on release-issues and release-issues-payloads/,
    );
    const [refused] = await linesOf('topology', WRONG);
    expect(refused).toMatch(/^without service chain: .*rejected the credentials: fix/);
    const [blind] = await linesOf('nobody', secret('nobody'));
    expect(blind).toMatch(/^without service chain: .*"read" on .* is missing/);
  });

  it('shows its version to those who may monitor it', async () => {
    expect(await versionOf(admin)).toBe(version);
    expect(await versionOf(as('topology'))).toBeNull();
  });
});

/**
 * Passes requests on, after `before` has seen which one it is, in the order in which they came: the server opens the
 * contexts of a point in time anew for a search that comes after its close, until the keep-alive of a minute ends them.
 */
async function startProxy(target: string, before: (request: number) => Promise<void>) {
  let count = 0;
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      await before((count += 1));
      const answer = await fetch(`${target}${request.url}`, {
        method: request.method,
        headers: {
          accept: request.headers.accept ?? '',
          'content-type': request.headers['content-type'] ?? 'application/json',
        },
        ...(chunks.length > 0 && { body: new Uint8Array(Buffer.concat(chunks)) }),
      });
      const headers = {
        'x-elastic-product': answer.headers.get('x-elastic-product') ?? '',
        'content-type': answer.headers.get('content-type') ?? '',
      };
      response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      response.destroy();
    }
  };
  let last = Promise.resolve();
  const proxy = createServer((request, response) => {
    last = last.then(() => pass(request, response));
  });
  proxy.listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    requests: () => count,
    /** Until everything that was passed on is answered: the proxy cancels nothing itself. */
    idle: () => last,
    stop: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

describe('an Elasticsearch that restarts in mid-read', () => {
  let folder: string;
  let port: number;
  const start = () => startOwnElasticsearch('9.5.3', { folder, port });
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'es-restarted-'));
    port = await freePort();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('fails in a way that is retried, and the next read has the whole chain', async () => {
    let server = await start();
    await loadTopology(server.url, 'otel');
    const client = createElasticsearch({ url: server.url });
    const whole = await startProxy(server.url, async () => undefined);
    await read(whole.url, createElasticsearch({ url: whole.url }));
    whole.stop();
    const requests = whole.requests();
    expect(requests).toBeGreaterThan(2);
    const proxy = await startProxy(server.url, async (request) => {
      if (request === requests - 1) await server.stop();
    });
    try {
      const { id } = await client.openPointInTime({
        index: 'topo-traces-*',
        keep_alive: '5m',
      });
      const down = await failureOf(read(proxy.url, createElasticsearch({ url: proxy.url })));
      expect(down.permanent).toBe(false);

      server = await start();
      const lost = () => client.search({ pit: { id }, size: 1 });
      const error = await failureOf(fromElasticsearch('elasticsearch', undefined, lost));
      expect(error).toMatchObject({ permanent: false, status: 404 });
      expect(error.message).toContain('search_context_missing_exception');
      const chain = await read(server.url, client);
      expect(downstreamOf(chain)).toEqual(trueDownstream);
      expect(await openContexts(client)).toBe(0);
    } finally {
      proxy.stop();
      await server.stop();
    }
  });

  it('leaves no point in time open when it is cancelled half-way', async () => {
    const server = await start();
    await loadTopology(server.url, 'otel');
    const client = createElasticsearch({ url: server.url });
    const topology = (url: string) => topologyOf(url, createElasticsearch({ url }));
    try {
      // Field names, sample, point in time, first page: what comes later depends on what the traces hold.
      for (let at = 1; at <= 4; at += 1) {
        const controller = new AbortController();
        const proxy = await startProxy(server.url, async (request) => {
          if (request === at) controller.abort(new Error('cancelled'));
        });
        const query = { service: SERVICE, now: new Date(), signal: controller.signal };
        const reason: unknown = await topology(proxy.url)
          .trace(query)
          .then(
            () => null,
            (e: unknown) => e,
          );
        expect(reason).toEqual(new Error('cancelled'));
        // A search that was passed on may still run, and counts while it does.
        await proxy.idle();
        proxy.stop();
        await waitUntil(
          () => openContexts(client),
          (open) => open === 0,
        );
      }
    } finally {
      await server.stop();
    }
  });
});
