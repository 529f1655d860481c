import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Client } from '@elastic/elasticsearch';
import { answersHttp, freePort, startProcess, untilReady } from '../../src/embedded/server-process';
import { runToEnd } from './process';

export type ElasticsearchVersion = '8.19.9' | '9.5.3';
const ARTIFACT = 'org.elasticsearch.distribution.integ-test-zip:elasticsearch';

/** A real Elasticsearch: `ELASTICSEARCH_TEST_URL_8` or `_9`, else the one of Maven Central on a JDK of this machine. */
export async function startElasticsearch(
  version: ElasticsearchVersion,
): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env[`ELASTICSEARCH_TEST_URL_${version[0]}`];
  if (given) return { url: given, stop: async () => undefined };
  const home = await unpacked(version);
  const root = process.getuid?.() === 0;
  const work = await mkdtemp(path.join('/tmp', 'es-'));
  const port = await freePort();
  await mkdir(path.join(work, 'config'));
  // Beside the configuration: its own policies forbid writing to a folder that holds it.
  await mkdir(path.join(work, 'tmp'));
  await writeFile(
    path.join(work, 'config/elasticsearch.yml'),
    settings(port, await freePort(), work),
  );
  await runToEnd('cp', ['-rn', `${home}/config/.`, path.join(work, 'config')]);
  if (root) await runToEnd('chown', ['-R', 'nobody', work]);
  // It refuses to run as root; `nobody` may read the unpacked distribution, which lies outside any home folder.
  const env = {
    PATH: process.env['PATH'],
    ES_JAVA_HOME: javaHome(version),
    ES_PATH_CONF: path.join(work, 'config'),
    ES_JAVA_OPTS: '-Xms512m -Xmx512m',
    ES_TMPDIR: path.join(work, 'tmp'),
  };
  const url = `http://127.0.0.1:${port}`;
  const server = startProcess(path.join(home, 'bin/elasticsearch'), [], {
    env,
    cwd: work,
    ...(root && { uid: 65_534, gid: 65_534 }),
  });
  const health = `${url}/_cluster/health?wait_for_status=yellow&timeout=1s`;
  await untilReady(server, () => answersHttp(health), 120_000);
  return {
    url,
    stop: async () => {
      await server.stop();
      await rm(work, { recursive: true, force: true });
    },
  };
}

const settings = (port: number, transport: number, work: string): string =>
  [
    'discovery.type: single-node',
    'xpack.security.enabled: false',
    'http.host: 127.0.0.1',
    `http.port: ${port}`,
    'transport.host: 127.0.0.1',
    `transport.port: ${transport}`,
    `path.data: ${work}/data`,
    `path.logs: ${work}/logs`,
    'cluster.routing.allocation.disk.threshold_enabled: false',
  ].join('\n');

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
export async function loadTopology(url: string, set: string): Promise<void> {
  const folder = path.resolve(__dirname, '../fixtures/topology', set);
  const client = new Client({ node: url });
  const mappings = JSON.parse(readFileSync(path.join(folder, 'mappings.json'), 'utf8')) as Record<
    string,
    object
  >;
  for (const [index, body] of Object.entries(mappings)) {
    await client.indices.delete({ index, ignore_unavailable: true });
    await client.indices.create({ index, ...body });
  }
  const bulk = gunzipSync(readFileSync(path.join(folder, 'bulk.ndjson.gz')));
  const answer = await fetch(`${url}/_bulk?refresh=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: new Uint8Array(bulk),
  });
  const { errors } = (await answer.json()) as { errors: boolean };
  if (errors) throw new Error(`the bulk load of ${set} had errors`);
  await client.close();
}
