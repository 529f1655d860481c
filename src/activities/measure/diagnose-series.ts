import type { CatalogueMetric } from '../../domain/metrics';
import type { Measured } from '../../steps/metric-analysis/measured-rule';
import { countedName } from '../../steps/rules/expression';
import { scopeMatchers, selector } from '../../steps/rules/promql';
import { successorsOf } from '../../steps/metrics/renamed-metrics';
import { countOf, isRefusal, type Asked } from './count-series';

type Oddities = Pick<Measured, 'elsewhere' | 'successor' | 'resets'>;

/** A metric of unknown type counts as a counter if its rule reads it as one. */
const OF_COUNTERS = new Set(['rate', 'increase', 'errors', 'quantile', 'mean']);

/** Facts that need one more query: resets of a counter, or why a metric has no fresh sample. */
export async function oddities(
  asked: Asked,
  measured: Measured,
  type: CatalogueMetric['type'],
): Promise<Oddities> {
  try {
    if (measured.freshSeries === 0) return await whereTo(asked, measured);
    const isCounter = type !== 'gauge' && OF_COUNTERS.has(measured.form.level.form);
    return isCounter ? await restarts(asked, measured) : {};
  } catch (error) {
    // A refused query only means one reason less in the verdict.
    if (!isRefusal(error)) throw error;
    return {};
  }
}

/** Prometheus finds a sample for 5 min after it; a smaller difference hides few series. */
const MAX_CLOCK_DIFFERENCE_SECONDS = 60;

/** Says of each metric without a fresh sample that the clocks differ, if Prometheus's is behind. */
export async function withClock(
  { prometheus, now, signal }: Asked,
  measured: Measured[],
): Promise<Measured[]> {
  if (measured.every(({ freshSeries }) => freshSeries > 0)) return measured;
  try {
    const clockAhead = Math.round(now - (await prometheus.clock(signal)) / 1000);
    if (!(clockAhead > MAX_CLOCK_DIFFERENCE_SECONDS)) return measured;
    return measured.map((one) => (one.freshSeries > 0 ? one : { ...one, clockAhead }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return measured;
  }
}

async function restarts({ prometheus, now, signal }: Asked, { form }: Measured): Promise<Oddities> {
  const { data } = await prometheus.query(`max(resets(${form.watched}[1d]))`, now, signal);
  const resets = data[0]?.sample.value;
  return resets === undefined ? {} : { resets };
}

/** Looks for the metric outside the service's scope and under another name. */
async function whereTo(asked: Asked, { candidate, history }: Measured): Promise<Oddities> {
  const { metrics, scope } = asked.selection;
  const metric = metrics.find(({ name }) => name === candidate);
  if (metric === undefined) return {};
  const last = history.samples.at(-1)?.at;
  if (last === undefined) {
    if (scope.kind !== 'label') return {};
    return { elsewhere: await countOf(asked, selector(countedName(metric))) };
  }
  for (const other of successorsOf(metric, metrics)) {
    const series = selector(countedName(other), scopeMatchers(scope));
    const isFresh = (await countOf(asked, series)) > 0;
    if (isFresh && (await countOf(asked, series, last - 3600)) === 0) {
      return { successor: other.name };
    }
  }
  return {};
}
