import { noopMetricMeter, type MetricMeter, type MetricTags } from '@temporalio/common';
import { meterProviderOf } from '../../src/worker/meter-provider';

type Seen = { name: string; value: number; tags: MetricTags | undefined };

/** A meter of the SDK that remembers. */
function remembering() {
  const made: string[] = [];
  const seen: Seen[] = [];
  const meter: MetricMeter = {
    createGauge: (name) => noopMetricMeter.createGauge(name),
    withTags: () => meter,
    createCounter: (name) => {
      made.push(name);
      const counter = noopMetricMeter.createCounter(name);
      return { ...counter, add: (value, tags) => void seen.push({ name, value, tags }) };
    },
    createHistogram: (name, type) => {
      made.push(`${name}:${type}`);
      const histogram = noopMetricMeter.createHistogram(name);
      return { ...histogram, record: (value, tags) => void seen.push({ name, value, tags }) };
    },
  };
  return { made, seen, meter: meterProviderOf(meter).getMeter('release-prep') };
}

it('hands counters and histograms on, in Prometheus’ names', () => {
  const { meter, seen } = remembering();
  meter.createCounter('a.requests').add(2, { 'server.port': 443, missing: undefined });
  meter.createHistogram('a.size').record(0.5, { list: ['x', 'y'] });
  expect(seen).toEqual([
    { name: 'a_requests', value: 2, tags: { server_port: 443 } },
    { name: 'a_size', value: 0.5, tags: { list: 'x,y' } },
  ]);
});

it('makes an instrument once, however often it is asked for', () => {
  const { meter, made } = remembering();
  for (let n = 0; n < 3; n += 1) meter.createHistogram('a.size').record(n);
  expect(made).toEqual(['a_size:float']);
});

it('lets the other instruments be asked for', () => {
  const { meter } = remembering();
  expect(() => meter.createUpDownCounter('x').add(1)).not.toThrow();
  expect(() => meter.createObservableGauge('y').addCallback(() => undefined)).not.toThrow();
});
