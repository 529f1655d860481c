import { historyText, startExporter } from '../../../sandbox/prometheus/open-metrics';
import { startSandboxPrometheus } from '../../../sandbox/prometheus/server';
import {
  findPrometheus,
  startPrometheusServer,
  type PrometheusPrograms,
} from '../../embedded/prometheus-server';
import type { PrometheusChoice } from '../choices';
import { usage } from '../exit-codes';

const BLOCK_SECONDS = 2 * 3600;
/** Two weeks would take ten seconds more (docs/decisions/0019-prometheus-of-the-demo.md). */
const HISTORY_SECONDS = 3 * 86_400;
const STEP_SECONDS = 120;

type DemoPrometheus = { url: string; says: string; stop(): Promise<void> };

/** Where the demo's metrics are: a real Prometheus if PATH has one, else a stand-in. */
export async function startDemoPrometheus(choice: PrometheusChoice): Promise<DemoPrometheus> {
  const programs = choice === 'stand-in' ? undefined : await findPrometheus();
  if (programs !== undefined) return startReal(programs);
  if (choice === 'real')
    throw usage(
      '--prometheus real: prometheus and promtool are not on PATH; install them (on Debian: apt-get install prometheus)',
    );
  const says = `Prometheus: a stand-in with two weeks of synthetic history${choice === 'auto' ? ' (prometheus and promtool are not on PATH)' : ''}`;
  return { ...(await startSandboxPrometheus()), says };
}

async function startReal(programs: PrometheusPrograms): Promise<DemoPrometheus> {
  const exporter = await startExporter();
  try {
    const target = new URL(exporter.url).host;
    const server = await startPrometheusServer(programs, { history: blocks(), target });
    return {
      url: server.url,
      says: `Prometheus: ${programs.prometheus}, loaded with three days of synthetic history`,
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
function* blocks(): Generator<string> {
  const now = Math.floor(Date.now() / 1000);
  let from = Math.floor((now - HISTORY_SECONDS) / BLOCK_SECONDS) * BLOCK_SECONDS;
  for (; from < now; from += BLOCK_SECONDS)
    yield historyText(from, Math.min(from + BLOCK_SECONDS, now), STEP_SECONDS);
}
