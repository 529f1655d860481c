import type { Sample } from './backtest';
import type { SeriesLabels } from '../metrics/host-labels';
import type { GroupLevel } from '../knowledge/metric-groups';

/** One series now. */
export type SeriesValue = { labels: SeriesLabels; value: number };

/** Labels that name who scraped or stored a series, not what it measures. */
const COLLECTOR_LABELS = new Set([
  'job',
  'scrape_job',
  'endpoint',
  'monitor',
  'prometheus',
  'prometheus_replica',
  'replica',
  'receive',
  'tenant_id',
]);

/** Names a series that several collectors report, where the sum would count it twice. */
export function duplicatesIn(
  readings: readonly SeriesValue[],
  { form, aggregate }: Pick<GroupLevel, 'form' | 'aggregate'>,
): string | undefined {
  if (aggregate !== 'sum' || !['value', 'rate', 'increase', 'count'].includes(form))
    return undefined;
  const seen = new Set<string>();
  for (const { labels } of readings) {
    const own = Object.entries(labels).filter(([name]) => !COLLECTOR_LABELS.has(name));
    const key = own
      .map(([name, value]) => `${name}="${value}"`)
      .sort()
      .join(',');
    if (seen.has(key)) return `{${key.slice(0, 200)}}`;
    seen.add(key);
  }
  return undefined;
}

/** Factors between units of one kind. For other units no factor is suspicious. */
const UNIT_FACTORS: Partial<Record<GroupLevel['unit'], readonly number[]>> = {
  seconds: [1e3, 1e6, 1e9],
  bytes: [1e3, 1e6, 1e9],
  ratio: [100],
};
const FACTOR_TOLERANCE = 1.6;
/** Hosts of one kind differ by less than this. */
const ALIKE = 10;
const MIN_GAP = 30;
/** A share in whole percents, not from 0 to 1. */
const MAX_SHARE = 1.5;

/** Describes what is wrong when some hosts report another unit than others, or a share is in percent. */
export function mixedUnitsIn(
  readings: readonly SeriesValue[],
  history: readonly Sample[],
  { form, unit, op }: Pick<GroupLevel, 'form' | 'unit' | 'op'>,
): string | undefined {
  if (unit === 'ratio' && op === '>' && history.some(({ value }) => value > MAX_SHARE)) {
    const above = history.filter(({ value }) => value > MAX_SHARE).length;
    if (above > history.length / 2)
      return 'its values look like percentages, while its level is a share from 0 to 1';
  }
  if (form !== 'value') return undefined;
  const sizes = readings
    .map(({ value }) => Math.abs(value))
    .filter((size) => size > 0 && Number.isFinite(size))
    .sort((a, b) => a - b);
  const cut = widestGap(sizes);
  const [low, high] = [sizes.slice(0, cut), sizes.slice(cut)];
  if (!isAlike(low) || !isAlike(high)) return undefined;
  const factor = middleOf(high) / middleOf(low);
  const known = UNIT_FACTORS[unit]?.find(
    (one) => factor / one < FACTOR_TOLERANCE && one / factor < FACTOR_TOLERANCE,
  );
  if (factor < MIN_GAP || known === undefined) return undefined;
  return `${high.length} of ${sizes.length} series are about ${known} times as large as the others. Check that all hosts report the same unit`;
}

/** Index at which the sorted sizes have the largest factor between neighbours. */
function widestGap(sizes: readonly number[]): number {
  let [cut, widest] = [0, 1];
  sizes.forEach((size, index) => {
    const factor = size / (sizes[index - 1] ?? size);
    if (factor > widest) [cut, widest] = [index, factor];
  });
  return cut;
}

const isAlike = (sizes: readonly number[]): boolean =>
  sizes.length > 0 && (sizes.at(-1) ?? 0) / (sizes[0] ?? 1) < ALIKE;

const middleOf = (sizes: readonly number[]): number => sizes[sizes.length >> 1] ?? NaN;
