import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { answersHttp, freePort, startProcess, untilReady } from '../../src/embedded/server-process';
import { runToEnd } from './process';

/** The history of test/fixtures/prometheus ends then. */
const END_OF_HISTORY = 1_795_392_000;

export type PrometheusServer = { url: string; end: number; stop(): Promise<void> };

/** A real Prometheus that holds a day of history, moved so that it ends now. */
export function startPrometheus(
  service = 'checkout-api',
  dataset: 'healthy' | 'gaps' = 'healthy',
): Promise<PrometheusServer> {
  return startPrometheusWith((end) =>
    readHistory(dataset, end).replaceAll('service="checkout-api"', `service="${service}"`),
  );
}

/** The OpenMetrics text of a day, its timestamps moved so that it ends at `end`. */
export function readHistory(dataset: string, end: number): string {
  const fixture = path.resolve(__dirname, `../fixtures/prometheus/${dataset}.om.gz`);
  const shift = end - END_OF_HISTORY;
  return gunzipSync(readFileSync(fixture))
    .toString()
    .replace(/ (\d{10})$/gm, (_, seconds: string) => ` ${Number(seconds) + shift}`);
}

export type PrometheusOptions = {
  flags?: string[];
  /** What `--web.config.file` holds. */
  webConfig?: string;
  /** As `/metrics-store`: the path under which it answers. */
  routePrefix?: string;
};

/** A real Prometheus that holds the OpenMetrics text given for the end of history (now, whole minutes). */
export async function startPrometheusWith(
  textOf: (end: number) => string,
  { flags = [], webConfig, routePrefix = '' }: PrometheusOptions = {},
): Promise<PrometheusServer> {
  const work = await mkdtemp(path.join('/tmp', 'prometheus-'));
  const end = Math.floor(Date.now() / 60_000) * 60;
  await writeFile(path.join(work, 'history.om'), textOf(end));
  const promtool = process.env['PROMTOOL_PATH'] ?? 'promtool';
  try {
    await runToEnd(promtool, [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      path.join(work, 'history.om'),
      path.join(work, 'data'),
    ]);
  } catch (error) {
    throw new Error(
      `promtool did not load the history; install it with: apt-get install prometheus. ${String(error)}`,
      { cause: error },
    );
  }
  const port = await freePort();
  // It scrapes itself, so that the catalogue holds metadata and other services' metrics as well.
  await writeFile(
    path.join(work, 'prometheus.yml'),
    `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: prometheus, static_configs: [{targets: ["127.0.0.1:${port}"]}]}]\n`,
  );
  if (webConfig !== undefined) await writeFile(path.join(work, 'web.yml'), webConfig);
  const server = startProcess(process.env['PROMETHEUS_PATH'] ?? 'prometheus', [
    `--config.file=${path.join(work, 'prometheus.yml')}`,
    `--storage.tsdb.path=${path.join(work, 'data')}`,
    '--storage.tsdb.retention.time=10y',
    `--web.listen-address=127.0.0.1:${port}`,
    ...(routePrefix === '' ? [] : [`--web.route-prefix=${routePrefix}`]),
    ...(webConfig === undefined ? [] : [`--web.config.file=${path.join(work, 'web.yml')}`]),
    ...flags,
  ]);
  const url = `http://127.0.0.1:${port}${routePrefix}`;
  const ready = `${url}/-/ready`;
  // Behind a password it says 401 as soon as it listens, by when it has read its blocks.
  const answers = async () => (await fetch(ready)).status === 401;
  await untilReady(server, webConfig === undefined ? () => answersHttp(ready) : answers, 60_000);
  return {
    url,
    end,
    stop: async () => {
      await server.stop();
      await rm(work, { recursive: true, force: true });
    },
  };
}
