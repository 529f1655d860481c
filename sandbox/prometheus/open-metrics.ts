/** SANDBOX: the synthetic series as text, for a real Prometheus to load and to scrape. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SandboxServer } from '../http-server';
import { METRICS, type SandboxMetrics, type SandboxSeries } from './series';

/** Prometheus before 3.0 takes no hyphen in the name of a metric. */
const validName = (name: string): string => name.replaceAll('-', '_');

/** Loaded and scraped series are the same: what is scraped would get the label `job` of the scrape if it had none. */
function seriesText(name: string, { labels }: SandboxSeries): string {
  const pairs = Object.entries({ job: 'user-service', ...labels }).map(
    ([label, value]) => `${label}=${JSON.stringify(value)}`,
  );
  return `${validName(name)}{${pairs.join(',')}}`;
}

/** OpenMetrics of all series at the given times (Unix seconds, ascending). */
export function historyText(times: readonly number[], metrics: SandboxMetrics = METRICS): string {
  const lines: string[] = [];
  for (const [name, { series }] of Object.entries(metrics)) {
    for (const one of series) {
      const head = seriesText(name, one);
      for (const time of times) lines.push(`${head} ${one.at(time)} ${time}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

/**
 * What a scrape finds at a time, in the text format, with help and type of each metric. The time goes with the values:
 * on a busy machine a scrape is late, and rates over seconds would tremble.
 */
export function scrapeText(at: number, metrics: SandboxMetrics = METRICS): string {
  return Object.entries(metrics)
    .flatMap(([name, { type, help, series }]) => [
      ...(type === ''
        ? []
        : [`# HELP ${validName(name)} ${help}`, `# TYPE ${validName(name)} ${type}`]),
      ...series.map((one) => `${seriesText(name, one)} ${one.at(at)} ${Math.round(at * 1000)}`),
    ])
    .concat('')
    .join('\n');
}

/** Serves `/metrics`. */
export async function startExporter(metrics?: SandboxMetrics): Promise<SandboxServer> {
  const server = createServer((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
      .end(scrapeText(Math.floor(Date.now()) / 1000, metrics));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
