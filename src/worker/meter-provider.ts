import {
  createNoopMeter,
  type Attributes,
  type Meter,
  type MeterProvider,
} from '@opentelemetry/api';
import type { MetricMeter, MetricTags } from '@temporalio/common';

/**
 * OpenTelemetry's interface over the SDK's own meter, so that one address (METRICS_ADDRESS, or OTLP) has all metrics
 * of a worker. Supports counters and histograms; the rest of the interface does nothing.
 */
export function meterProviderOf(meter: MetricMeter): MeterProvider {
  const made = new Map<string, unknown>();
  /** Callers request an instrument at each use; the SDK would create a new one each time. */
  const once = <Instrument>(name: string, make: () => Instrument): Instrument => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as Instrument;
  };
  const ours: Pick<Meter, 'createCounter' | 'createHistogram'> = {
    createCounter: (name, options) =>
      once(name, () => {
        const counter = meter.createCounter(plain(name), options?.unit, options?.description);
        return {
          add: (value: number, attributes?: Attributes) =>
            counter.add(Math.round(value), tagsOf(attributes)),
        };
      }),
    createHistogram: (name, options) =>
      once(name, () => {
        const { unit, description } = options ?? {};
        const histogram = meter.createHistogram(plain(name), 'float', unit, description);
        return {
          record: (value: number, attributes?: Attributes) =>
            histogram.record(value, tagsOf(attributes)),
        };
      }),
  };
  const shared = Object.assign(createNoopMeter(), ours);
  return { getMeter: () => shared };
}

/** As Prometheus writes them. */
const plain = (name: string): string => name.replaceAll('.', '_');

const tagsOf = (attributes: Attributes = {}): MetricTags =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[plain(name), typeof value === 'object' ? String(value) : value]],
    ),
  );
