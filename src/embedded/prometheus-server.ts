import { access, constants, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runProgram } from './run-program';
import { answersHttp, freePort, startProcess, untilReady } from './server-process';
import { temporaryFolder } from './temporary-folder';

const START_LIMIT_MS = 60_000;
const LOAD_LIMIT_MS = 120_000;
/** Files that are loaded at the same time. */
const AT_ONCE = 2;

export type PrometheusPrograms = { prometheus: string; promtool: string };

/** The programs on PATH; undefined where one of them is missing. */
export async function findPrometheus(): Promise<PrometheusPrograms | undefined> {
  const [prometheus, promtool] = await Promise.all([onPath('prometheus'), onPath('promtool')]);
  return prometheus === undefined || promtool === undefined ? undefined : { prometheus, promtool };
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // The next folder.
    }
  }
  return undefined;
}

/** A real Prometheus that holds the given history and goes on scraping `target` (`host:port`); its files end with it. */
export async function startPrometheusServer(
  { prometheus, promtool }: PrometheusPrograms,
  { history, target }: { history: Iterable<string>; target: string },
): Promise<{ url: string; stop(): Promise<void> }> {
  const { folder, remove } = await temporaryFolder(
    path.join(os.tmpdir(), 'release-prep-prometheus-'),
  );
  try {
    const data = path.join(folder, 'data');
    await load(promtool, history, { folder, data });
    await writeFile(path.join(folder, 'prometheus.yml'), JSON.stringify(scrapeOf(target)));
    const port = await freePort();
    const server = startProcess(prometheus, [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const url = `http://127.0.0.1:${port}`;
    await untilReady(server, () => scraped(url), START_LIMIT_MS);
    return {
      url,
      stop: async () => {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** `promtool` reads a file once for each block of two hours in it: it is fastest with files of one block. */
async function load(
  promtool: string,
  history: Iterable<string>,
  { folder, data }: { folder: string; data: string },
): Promise<void> {
  const texts = history[Symbol.iterator]();
  const loadNext = async (lane: number): Promise<void> => {
    for (let next = texts.next(); next.done !== true; next = texts.next()) {
      const file = path.join(folder, `history-${lane}.om`);
      await writeFile(file, next.value);
      const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data];
      await runProgram(promtool, args, { timeout: LOAD_LIMIT_MS });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => loadNext(lane)));
}

/** The labels of what is scraped stay as they are. YAML reads JSON. */
const scrapeOf = (target: string) => ({
  global: { scrape_interval: '1s' },
  scrape_configs: [
    { job_name: 'sandbox', honor_labels: true, static_configs: [{ targets: [target] }] },
  ],
});

/** Ready, and with metadata of the first scrape. */
async function scraped(url: string): Promise<boolean> {
  if (!(await answersHttp(`${url}/-/ready`))) return false;
  const response = await fetch(`${url}/api/v1/metadata?limit=1`);
  const { data } = (await response.json()) as { data: Record<string, unknown> };
  return Object.keys(data).length > 0;
}
