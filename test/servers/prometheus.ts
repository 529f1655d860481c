import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { answersHttp, freePort, startProcess, untilReady } from '../../src/embedded/server-process';
import { runToEnd } from './process';

/** The history of test/fixtures/prometheus ends then. */
const END_OF_HISTORY = 1_795_392_000;

/** A real Prometheus that holds the day of history `healthy`, moved so that it ends now. */
export async function startPrometheus(service = 'checkout-api'): Promise<{
  url: string;
  end: number;
  stop(): Promise<void>;
}> {
  const work = await mkdtemp(path.join('/tmp', 'prometheus-'));
  const end = Math.floor(Date.now() / 60_000) * 60;
  const fixture = path.resolve(__dirname, '../fixtures/prometheus/healthy.om.gz');
  const text = gunzipSync(readFileSync(fixture)).toString();
  const shift = end - END_OF_HISTORY;
  await writeFile(
    path.join(work, 'history.om'),
    text
      .replaceAll('service="checkout-api"', `service="${service}"`)
      .replace(/ (\d{10})$/gm, (_, seconds: string) => ` ${Number(seconds) + shift}`),
  );
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
  const server = startProcess(process.env['PROMETHEUS_PATH'] ?? 'prometheus', [
    `--config.file=${path.join(work, 'prometheus.yml')}`,
    `--storage.tsdb.path=${path.join(work, 'data')}`,
    '--storage.tsdb.retention.time=10y',
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await untilReady(server, () => answersHttp(`${url}/-/ready`), 60_000);
  return {
    url,
    end,
    stop: async () => {
      await server.stop();
      await rm(work, { recursive: true, force: true });
    },
  };
}
