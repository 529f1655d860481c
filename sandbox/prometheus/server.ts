/** SANDBOX: a stand-in for a Prometheus that has scraped the demo's services for days. */
import { serveJson, type Answer, type SandboxServer } from '../http-server';
import { compile, keyOf, match, Unsupported, type Labels } from './evaluate';
import { METRICS, seriesOf, type SandboxMetrics, type SandboxSeries } from './series';

const MAX_POINTS = 11_000;
const ok = (data: unknown): Answer => ({ body: { status: 'success', data } });
const bad = (error: string): Answer => ({
  status: 400,
  body: { status: 'error', errorType: 'bad_data', error },
});

/** Answers the HTTP API v1 as far as the product asks it. */
export const startSandboxPrometheus = (metrics?: SandboxMetrics): Promise<SandboxServer> =>
  serveJson(prometheusOf(metrics));

/** The same, which also answers for user-service under other names, so that tests may name their service. */
export const startPrometheusAlsoFor = (services: readonly string[]): Promise<SandboxServer> =>
  serveJson((address) => {
    const renamed = new URL(address);
    renamed.search = '';
    for (const [name, value] of address.searchParams) {
      const known = services.reduce(
        (text, service) => text.replaceAll(JSON.stringify(service), '"user-service"'),
        value,
      );
      renamed.searchParams.append(name, known);
    }
    return answerPrometheus(renamed);
  });

/** Answers requests; what the stand-in cannot evaluate is bad data. */
export function prometheusOf(metrics: SandboxMetrics = METRICS): (address: URL) => Answer {
  const series = seriesOf(metrics);
  return (address) => {
    try {
      return answer(address, metrics, series);
    } catch (error) {
      if (error instanceof Unsupported) return bad(error.message);
      throw error;
    }
  };
}

/** The answer of a service without a fault. */
export const answerPrometheus = prometheusOf();

type Series = readonly SandboxSeries[];

function answer(address: URL, metrics: SandboxMetrics, series: Series): Answer {
  const path = address.pathname.replace(/^\/api\/v1\//, '');
  const param = (name: string) => address.searchParams.get(name) ?? '';
  const label = /^label\/([^/]+)\/values$/.exec(path)?.[1];
  if (label !== undefined) {
    const values = matched(address, series).flatMap(
      ({ labels }) => labels[decodeURIComponent(label)] ?? [],
    );
    return ok([...new Set(values)].sort());
  }
  switch (path) {
    case 'series':
      return ok(matched(address, series).map(({ labels }) => labels));
    case 'metadata':
      return ok(
        Object.fromEntries(
          Object.entries(metrics)
            .filter(([, { type }]) => type !== '')
            .map(([name, { type, help, unit }]) => [name, [{ type, help, unit }]]),
        ),
      );
    case 'query':
      return ok({
        resultType: 'vector',
        result: instant(param('query'), timeOf(param('time')), series),
      });
    case 'query_range':
      return range(
        param('query'),
        timeOf(param('start')),
        timeOf(param('end')),
        Number(param('step')),
        series,
      );
    case 'status/buildinfo':
      return ok({ version: '0.0.0-sandbox' });
    default:
      return { status: 404, body: { status: 'error', errorType: 'not_found', error: path } };
  }
}

const matched = (address: URL, series: Series) => {
  const selectors = address.searchParams.getAll('match[]');
  return selectors.length === 0 ? series : selectors.flatMap((text) => match(text, series));
};
const timeOf = (text: string): number =>
  text === ''
    ? Date.now() / 1000
    : Number.isNaN(Number(text))
      ? Date.parse(text) / 1000
      : Number(text);
const instant = (query: string, at: number, series: Series) =>
  compile(
    query,
    series,
  )(at).map(({ labels, value }) => ({ metric: labels, value: [at, String(value)] }));

function range(query: string, start: number, end: number, step: number, from: Series): Answer {
  if (!(step > 0) || (end - start) / step > MAX_POINTS)
    return bad('exceeded maximum resolution of 11,000 points');
  const evaluate = compile(query, from);
  const series = new Map<string, { metric: Labels; values: [number, string][] }>();
  for (let at = start; at <= end; at += step) {
    for (const { labels, value } of evaluate(at)) {
      const key = keyOf(labels);
      const entry = series.get(key) ?? { metric: labels, values: [] };
      series.set(key, entry);
      entry.values.push([at, String(value)]);
    }
  }
  return ok({ resultType: 'matrix', result: [...series.values()] });
}
