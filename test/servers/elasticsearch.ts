import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Client } from '@elastic/elasticsearch';
import { answersHttp, freePort, startProcess, untilReady } from '../../src/embedded/server-process';
import { runToEnd } from './process';

export type ElasticsearchVersion = '8.19.9' | '9.5.3';
const ARTIFACT = 'org.elasticsearch.distribution.integ-test-zip:elasticsearch';

export type ElasticsearchServer = { url: string; stop(): Promise<void> };
type Options = {
  /** Kept at the end, so that a later start finds the data; without it, a folder that is removed. */
  folder?: string;
  port?: number;
  heap?: string;
  scheme?: 'http' | 'https';
  /** Lines of elasticsearch.yml beside ours. */
  settings?: string[];
  /** Completes the configuration folder before the start; `bin` runs a tool of the distribution on it. */
  configure?: (
    config: string,
    bin: (tool: string, ...args: string[]) => Promise<string>,
  ) => Promise<void>;
  answers?: (url: string) => Promise<boolean>;
};

/** A real Elasticsearch: `ELASTICSEARCH_TEST_URL_8` or `_9`, else the one of Maven Central on a JDK of this machine. */
export async function startElasticsearch(
  version: ElasticsearchVersion,
): Promise<ElasticsearchServer> {
  const given = process.env[`ELASTICSEARCH_TEST_URL_${version[0]}`];
  if (given) return { url: given, stop: async () => undefined };
  return startOwnElasticsearch(version);
}

/** One of this machine's own, whatever the environment gives: for tests that configure, secure or stop it. */
export async function startOwnElasticsearch(
  version: ElasticsearchVersion,
  options: Options = {},
): Promise<ElasticsearchServer & { transport: string }> {
  const home = await unpacked(version);
  const root = process.getuid?.() === 0;
  const work = options.folder ?? (await mkdtemp(path.join('/tmp', 'es-')));
  const port = options.port ?? (await freePort());
  const config = path.join(work, 'config');
  await rm(config, { recursive: true, force: true });
  await mkdir(config, { recursive: true });
  // Beside the configuration: its own policies forbid writing to a folder that holds it.
  await mkdir(path.join(work, 'tmp'), { recursive: true });
  const transport = await freePort();
  const lines = [...settings(port, transport, work), ...(options.settings ?? [])];
  if (options.settings === undefined) lines.push('xpack.security.enabled: false');
  await writeFile(path.join(config, 'elasticsearch.yml'), lines.join('\n'));
  await runToEnd('cp', ['-rn', `${home}/config/.`, config]);
  const heap = options.heap ?? '512m';
  const env = {
    PATH: process.env['PATH'],
    ES_JAVA_HOME: javaHome(version),
    ES_PATH_CONF: config,
    ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
    ES_TMPDIR: path.join(work, 'tmp'),
  };
  const bin = (tool: string, ...args: string[]) =>
    runToEnd(path.join(home, 'bin', tool), args, { env });
  await options.configure?.(config, bin);
  // It refuses to run as root; `nobody` may read the unpacked distribution, which lies outside any home folder.
  if (root) await runToEnd('chown', ['-R', 'nobody', work]);
  const url = `${options.scheme ?? 'http'}://127.0.0.1:${port}`;
  const server = startProcess(path.join(home, 'bin/elasticsearch'), [], {
    env,
    cwd: work,
    ...(root && { uid: 65_534, gid: 65_534 }),
  });
  await untilReady(server, () => (options.answers ?? isHealthy)(url), 120_000);
  return {
    url,
    /** Where other clusters reach it. */
    transport: `127.0.0.1:${transport}`,
    stop: async () => {
      await server.stop();
      if (options.folder === undefined) await rm(work, { recursive: true, force: true });
    },
  };
}

const isHealthy = (url: string): Promise<boolean> =>
  answersHttp(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`);

const settings = (port: number, transport: number, work: string): string[] => [
  'discovery.type: single-node',
  'http.host: 127.0.0.1',
  `http.port: ${port}`,
  'transport.host: 127.0.0.1',
  `transport.port: ${transport}`,
  `path.data: ${work}/data`,
  `path.logs: ${work}/logs`,
  'cluster.routing.allocation.disk.threshold_enabled: false',
];

function javaHome(version: ElasticsearchVersion): string {
  const major = version.startsWith('8') ? '17' : '25';
  const installed = existsSync('/usr/lib/jvm')
    ? readdirSync('/usr/lib/jvm').map((name) => path.join('/usr/lib/jvm', name))
    : [];
  const home = [process.env[`JAVA${major}_HOME`], process.env['JAVA_HOME'], ...installed].find(
    (folder) => folder !== undefined && majorOf(folder) === major,
  );
  if (home === undefined)
    throw new Error(
      `Elasticsearch ${version} needs JDK ${major}: install it, or set JAVA${major}_HOME`,
    );
  return home;
}

/** A JDK says its version in its file `release`, whoever built it. */
function majorOf(home: string): string | undefined {
  const release = path.join(home, 'release');
  if (!existsSync(release) || !existsSync(path.join(home, 'bin/java'))) return undefined;
  return /^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1];
}

/** Unpacked once, readable for every user. */
async function unpacked(version: ElasticsearchVersion): Promise<string> {
  const home = path.join('/var/tmp/release-prep', `elasticsearch-${version}`);
  if (existsSync(path.join(home, 'bin/elasticsearch'))) return home;
  await mkdir(path.dirname(home), { recursive: true });
  await chmod(path.dirname(home), 0o755);
  const folder = await mkdtemp(path.join(path.dirname(home), 'new-'));
  try {
    await runToEnd('mvn', [
      '-q',
      '-B',
      'dependency:get',
      `-Dartifact=${ARTIFACT}:${version}:zip`,
      '-Dtransitive=false',
    ]);
    await runToEnd(
      'mvn',
      [
        '-q',
        '-B',
        'dependency:copy',
        `-Dartifact=${ARTIFACT}:${version}:zip`,
        `-DoutputDirectory=${folder}`,
      ],
      { cwd: folder },
    );
    await runToEnd('unzip', [
      '-q',
      path.join(folder, `elasticsearch-${version}.zip`),
      '-d',
      folder,
    ]);
    await chmod(folder, 0o755);
    await runToEnd('chmod', ['-R', 'a+rX', folder]);
    await rename(path.join(folder, `elasticsearch-${version}`), home);
    return home;
  } catch (error) {
    throw new Error(
      `no Elasticsearch ${version}: install Maven and unzip, or set ELASTICSEARCH_TEST_URL_${version[0]}`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Loads one set of test/fixtures/topology. */
export async function loadTopology(
  url: string,
  set: string,
  client = new Client({ node: url }),
): Promise<void> {
  const folder = path.resolve(__dirname, '../fixtures/topology', set);
  const mappings = JSON.parse(readFileSync(path.join(folder, 'mappings.json'), 'utf8')) as Record<
    string,
    object
  >;
  for (const [index, body] of Object.entries(mappings)) {
    await client.indices.delete({ index, ignore_unavailable: true });
    await client.indices.create({ index, ...body });
  }
  const { errors } = await client.transport.request<{ errors: boolean }>({
    method: 'POST',
    path: '/_bulk',
    querystring: { refresh: true, filter_path: 'errors' },
    bulkBody: gunzipSync(readFileSync(path.join(folder, 'bulk.ndjson.gz'))).toString('utf8'),
  });
  if (errors) throw new Error(`the bulk load of ${set} had errors`);
  await client.close();
}
