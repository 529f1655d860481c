import { historyText, startExporter } from '../../../../sandbox/prometheus/open-metrics';
import type { SandboxMetrics } from '../../../../sandbox/prometheus/series';
import { startSandboxPrometheus } from '../../../../sandbox/prometheus/server';
import {
  findPrometheus,
  startPrometheusServer,
  type PrometheusPrograms,
} from '../../../embedded/prometheus-server';
import type { PrometheusChoice } from '../../choices';
import { usage } from '../../exit-codes';

const BLOCK_SECONDS = 2 * 3600;
/** Two weeks would take ten seconds more (docs/decisions/0019-prometheus-of-the-demo.md). */
const LONG = { seconds: 3 * 86_400, timesIn: everyTwoMinutes, says: 'three days' };
const SHORT = { seconds: 30 * 3600, timesIn: forShortRanges, says: '30 hours' };

type DemoPrometheus = { url: string; says: string; stop(): Promise<void> };

type Options = {
  metrics: SandboxMetrics;
  /** Whether rules look back seconds instead of minutes. */
  short: boolean;
};

/** Where the demo's metrics are: a real Prometheus if PATH has one, else a stand-in. */
export async function startDemoPrometheus(
  choice: PrometheusChoice,
  options: Options,
): Promise<DemoPrometheus> {
  const programs = choice === 'stand-in' ? undefined : await findPrometheus();
  if (programs !== undefined) return startReal(programs, options);
  if (choice === 'real')
    throw usage(
      '--prometheus real: prometheus and promtool are not on PATH; install them (on Debian: apt-get install prometheus)',
    );
  const says = `Prometheus: a stand-in with two weeks of synthetic history${choice === 'auto' ? ' (prometheus and promtool are not on PATH)' : ''}`;
  return { ...(await startSandboxPrometheus(options.metrics)), says };
}

async function startReal(
  programs: PrometheusPrograms,
  { metrics, short }: Options,
): Promise<DemoPrometheus> {
  const exporter = await startExporter(metrics);
  const history = short ? SHORT : LONG;
  try {
    const target = new URL(exporter.url).host;
    const server = await startPrometheusServer(programs, {
      history: blocks(metrics, history),
      target,
    });
    return {
      url: server.url,
      says: `Prometheus: ${programs.prometheus}, loaded with ${history.says} of synthetic history`,
      stop: async () => {
        await server.stop();
        await exporter.stop();
      },
    };
  } catch (error) {
    await exporter.stop();
    throw error;
  }
}

/** One text for each block of two hours, up to now. */
function* blocks(metrics: SandboxMetrics, { seconds, timesIn }: typeof LONG): Generator<string> {
  const now = Math.floor(Date.now() / 1000);
  let from = Math.floor((now - seconds) / BLOCK_SECONDS) * BLOCK_SECONDS;
  for (; from < now; from += BLOCK_SECONDS)
    yield historyText(timesIn(from, Math.min(from + BLOCK_SECONDS, now)), metrics);
}

const range = (from: number, until: number, step: number): number[] =>
  Array.from({ length: Math.ceil((until - from) / step) }, (_, i) => from + i * step);

function everyTwoMinutes(from: number, until: number): number[] {
  return range(from, until, 120);
}

/** A history is read at multiples of two and of five minutes: two samples before each are a rate over seconds. */
function forShortRanges(from: number, until: number): number[] {
  return range(from, until, 60)
    .filter((at) => at % 120 === 0 || at % 300 === 0)
    .flatMap((at) => [at - 4, at])
    .filter((at) => at >= from);
}
