import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { serveJson } from '../../sandbox/http-server';
import { answersHttp, freePort, startProcess, untilReady } from '../../src/embedded/server-process';
import type { MetricCase } from './metric-case';

type Served = { url: string; stop(): Promise<void> };

/** Answers as a Prometheus that has the case's series under `service="…"` and no history of them. */
export const serveCase = ({ catalogue, series_names, service }: MetricCase): Promise<Served> => {
  const metadata = Object.fromEntries(
    catalogue.map(({ name, type, help, unit }) => [name, [{ type, help, unit }]]),
  );
  const names = [...new Set(series_names)].sort();
  return serveJson((address) => {
    const success = (data: unknown) => ({ body: { status: 'success', data } });
    const selected = namesSelected(names, service.name, address.searchParams.getAll('match[]'));
    switch (address.pathname) {
      case '/api/v1/metadata':
        return success(metadata);
      case '/api/v1/label/__name__/values':
        return success(selected);
      case '/api/v1/series':
        return success(
          selected.slice(0, 5_000).map((name) => ({
            __name__: name,
            service: service.name,
            instance: 'host-1:9090',
          })),
        );
      case '/api/v1/query':
        return success({ resultType: 'vector', result: [] });
      case '/api/v1/query_range':
        return success({ resultType: 'matrix', result: [] });
      default:
        return { status: 404, body: { status: 'error', errorType: 'not_found', error: '' } };
    }
  });
};

/** The selectors that a catalogue is asked by: one equality of a label, or a pattern of the name. */
function namesSelected(names: string[], service: string, selectors: string[]): string[] {
  if (selectors.length === 0) return names;
  const chosen = selectors.map((selector) => {
    if (selector === `{service=${JSON.stringify(service)}}`) return () => true;
    const pattern = /^\{__name__=~"(.*)"\}$/.exec(selector)?.[1];
    const regex = pattern ? new RegExp(`^(?:${JSON.parse(`"${pattern}"`) as string})$`) : undefined;
    return (name: string) => regex?.test(name) ?? false;
  });
  return names.filter((name) => chosen.some((select) => select(name)));
}

/** The case as a /metrics page, and a real Prometheus that has scraped it. */
export async function scrapeCase(one: MetricCase): Promise<Served> {
  const body = exposition(one);
  const page = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body),
  );
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  const target = `127.0.0.1:${(page.address() as AddressInfo).port}`;
  const work = await mkdtemp(path.join('/tmp', 'bench-prometheus-'));
  const config = path.join(work, 'prometheus.yml');
  await writeFile(
    config,
    `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: bench, static_configs: [{targets: ["${target}"]}]}]\n`,
  );
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = startProcess(process.env['PROMETHEUS_PATH'] ?? 'prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(work, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
  ]);
  await untilReady(server, () => answersHttp(`${url}/-/ready`), 60_000);
  await untilReady(server, () => hasScraped(url), 60_000);
  return {
    url,
    stop: async () => {
      await server.stop();
      page.close();
      await rm(work, { recursive: true, force: true });
    },
  };
}

async function hasScraped(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/v1/query?query=min(up)`);
  const { data } = (await answer.json()) as { data?: { result?: { value: [number, string] }[] } };
  return data?.result?.[0]?.value[1] === '1';
}

function exposition({ catalogue, service }: MetricCase): string {
  const label = `service=${JSON.stringify(service.name)}`;
  const lines = catalogue
    .filter(({ name }) => !/^(up$|ALERTS|scrape_)/.test(name))
    .flatMap(({ name, type, help }) => {
      const told = help.replace(/\\/g, '\\\\').replace(/\n/g, ' ');
      const head = [
        `# HELP ${name} ${told}`,
        `# TYPE ${name} ${type === 'unknown' ? 'untyped' : type}`,
      ];
      const counts = [`${name}_sum{${label}} 1`, `${name}_count{${label}} 1`];
      if (type === 'histogram') return [...head, `${name}_bucket{${label},le="+Inf"} 1`, ...counts];
      if (type === 'summary') return [...head, `${name}{${label},quantile="0.5"} 1`, ...counts];
      return [...head, `${name}{${label}} 1`];
    });
  return `${lines.join('\n')}\n`;
}
