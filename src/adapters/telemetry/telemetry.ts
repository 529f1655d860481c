import { diag, DiagLogLevel, metrics, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { SCOPE } from '../model/gen-ai-conventions';
import { redactedExcerpt } from '../redaction';
import { writeMessage } from '../terminal/output';

export type Telemetry = {
  /** Exports what is left; ends within `STOP_MS`, whether or not a collector answers. */
  stop: () => Promise<void>;
};

const EXPORT_TIMEOUT_MS = 5_000;
const METRICS_EVERY_MS = 30_000;
const STOP_MS = 6_000;
/** Interval between warnings about a collector that is down. */
const SAY_AGAIN_MS = 10 * 60_000;

/**
 * Sends the spans and metrics of this process to an OTLP/HTTP collector, in the background: a collector that is down or
 * slow loses them and holds nothing up. `endpoint` is the address before `/v1/traces` and `/v1/metrics`; headers,
 * certificates and resource attributes come from OpenTelemetry's own variables. Nothing happens without an endpoint, or
 * where the process has registered an SDK already.
 */
export function startTelemetry(
  endpoint: string | undefined,
  warn: (message: string) => void = tell,
): Telemetry {
  if (endpoint === undefined) return { stop: () => Promise.resolve() };
  const resource = resourceOfWorker();
  const tracers = tracersTo(under(endpoint, 'v1/traces'), resource);
  const meters = metersTo(metricsUrlOf(endpoint), resource);
  const ours = [
    ...(trace.setGlobalTracerProvider(oursAlone(tracers)) ? [tracers] : []),
    ...(metrics.setGlobalMeterProvider(meters) ? [meters] : []),
  ];
  // Set after the registrations: it is not an error if another meter provider is already registered.
  diag.setLogger(complaints(warn), { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  return {
    async stop() {
      const handedOver = Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
      await Promise.race([handedOver, pause(STOP_MS)]);
      if (ours.includes(tracers)) trace.disable();
      if (ours.includes(meters)) metrics.disable();
      diag.disable();
    },
  };
}

/** Libraries have tracers too: Elasticsearch's client would send addresses and error texts, a span a read. */
const oursAlone = (tracers: TracerProvider): Pick<TracerProvider, 'getTracer'> => {
  const off = new TracerProvider({ sampler: new AlwaysOffSampler() });
  return {
    getTracer: (name, ...rest) => (name === SCOPE ? tracers : off).getTracer(name, ...rest),
  };
};

const tracersTo = (url: string, resource: Resource): TracerProvider => {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const processor = new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_TIMEOUT_MS });
  return new TracerProvider({ resource, spanProcessors: [processor] });
};

const metersTo = (url: string, resource: Resource): MeterProvider => {
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }),
    exportIntervalMillis: METRICS_EVERY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  return new MeterProvider({ resource, readers: [reader] });
};

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have priority. */
const resourceOfWorker = (): Resource =>
  defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'release-prep' }))
    .merge(detectResources({ detectors: [envDetector] }));

const tell = (message: string): void => {
  writeMessage(`${new Date().toISOString()} WARN ${message}\n`);
};

function complaints(warn: (message: string) => void) {
  let saidAt = -Infinity;
  const say = (message: string) => {
    if (Date.now() - saidAt < SAY_AGAIN_MS) return;
    saidAt = Date.now();
    warn(`OpenTelemetry: spans or metrics are lost: ${redactedExcerpt(message, 300)}`);
  };
  const quiet = () => undefined;
  return { error: say, warn: quiet, info: quiet, debug: quiet, verbose: quiet };
}

/** Where this process, Temporal's own part included, sends metrics. */
export const metricsUrlOf = (endpoint: string): string => under(endpoint, 'v1/metrics');

function under(endpoint: string, path: string): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}/${path}`;
  return url.href;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms).unref());
