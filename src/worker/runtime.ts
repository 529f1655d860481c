import { metrics } from '@opentelemetry/api';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { metricsUrlOf } from '../adapters/telemetry/telemetry';
import { writeMessage } from '../adapters/terminal/output';
import type { Config } from '../config/config';
import { HISTOGRAM_BOUNDS } from './metric-bounds';
import { meterProviderOf } from './meter-provider';

/** Logs go to stderr, because stdout is only for results. Call once per process, before the first worker. */
export function installRuntime(
  config: Pick<Config, 'LOG_LEVEL' | 'METRICS_ADDRESS' | 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
  shutdownSignals?: NodeJS.Signals[],
): void {
  const runtime = install({
    shutdownSignals,
    logger: new DefaultLogger(config.LOG_LEVEL, ({ level, message, meta }) => {
      const line = `${new Date().toISOString()} ${level} ${message} ${meta ? JSON.stringify(meta, hideBigInt) : ''}\n`;
      writeMessage(line);
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} },
      metrics: exporterOf(config),
    },
  });
  // Adapters count by OpenTelemetry's interface: this exports their figures together with the SDK's own. With
  // OTLP they are exported separately (adapters/telemetry/telemetry.ts).
  if (config.METRICS_ADDRESS !== undefined)
    metrics.setGlobalMeterProvider(meterProviderOf(runtime.metricMeter));
}

/** The only port that the core opens. */
function install(options: Parameters<typeof Runtime.install>[0]): Runtime {
  try {
    return Runtime.install(options);
  } catch (error) {
    const { message } = error as Error;
    throw /metrics exporter/i.test(message) ? new Error(`METRICS_ADDRESS: ${message}`) : error;
  }
}

/** Prometheus' habits: seconds, with the unit and `_total` in the name. */
function exporterOf({
  METRICS_ADDRESS: bindAddress,
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
}: Pick<Config, 'METRICS_ADDRESS' | 'OTEL_EXPORTER_OTLP_ENDPOINT'>) {
  const common = { useSecondsForDurations: true, histogramBucketOverrides: HISTOGRAM_BOUNDS };
  if (bindAddress !== undefined) {
    const names = { unitSuffix: true, countersTotalSuffix: true };
    return { prometheus: { bindAddress, ...common, ...names } };
  }
  return url === undefined
    ? undefined
    : { otel: { url: metricsUrlOf(url), http: true, ...common } };
}

const hideBigInt = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
