import type { CatalogueMetric, MetricType } from '../../domain/metrics';

export type MetricMetadata = { type: MetricType; help: string; unit: string };
export type MetricMetadataByName = Readonly<Record<string, readonly MetricMetadata[]>>;

const MAX_HELP = 100;
/** Longer names are left out: they are generated, and would fill prompts and workflow history. */
const MAX_NAME = 200;
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;
const UNIT_SUFFIX =
  /_(seconds|milliseconds|microseconds|nanoseconds|bytes|ratio|percent|celsius|volts|joules)$/;

/** Help text is untrusted: it is cut, normalised and stripped of hidden characters. */
export function cleanHelp(text: string): string {
  // Cut before normalising too, which takes quadratic time for a long run of combining marks.
  const cut = text.slice(0, MAX_HELP * 4);
  const clean = cut.normalize('NFKC').replace(HIDDEN, ' ').replace(/\s+/g, ' ').trim();
  return [...clean].slice(0, MAX_HELP).join('');
}

/**
 * Series names and metadata → metrics: histograms and summaries by the name of their family, types
 * and units by suffix where metadata says nothing, `_created` dropped, sorted by name.
 */
export function buildCatalogue(
  names: readonly string[],
  facts: MetricMetadataByName,
): CatalogueMetric[] {
  const known = new Set(names);
  const metrics = new Map<string, CatalogueMetric>();
  for (const name of known) {
    if (name.length > MAX_NAME || name.endsWith('_created')) continue;
    const family = familyOf(name, known, facts);
    if (!metrics.has(family.name)) metrics.set(family.name, described(family, facts, known));
  }
  return [...metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Family = { name: string; type?: MetricType };

function familyOf(name: string, known: ReadonlySet<string>, facts: MetricMetadataByName): Family {
  const base = /^(.+)_(?:bucket|sum|count)$/.exec(name)?.[1];
  const type = base === undefined ? undefined : familyType(base, known, facts);
  if (base !== undefined && type !== undefined) return { name: base, type };
  return { name, type: familyType(name, known, facts) };
}

function familyType(
  base: string,
  known: ReadonlySet<string>,
  facts: MetricMetadataByName,
): MetricType | undefined {
  const metadata = factsOf(base, facts)?.type;
  if (metadata === 'histogram' || metadata === 'summary') return metadata;
  if (known.has(`${base}_bucket`)) return 'histogram';
  if (isDescribedApart(base, facts)) return undefined;
  return known.has(`${base}_sum`) && known.has(`${base}_count`) ? 'summary' : undefined;
}

/** Metadata for `_sum` and `_count` but not for the family: two counters of the exporter's own, not a summary. */
const isDescribedApart = (base: string, facts: MetricMetadataByName): boolean =>
  factsOf(base, facts) === undefined &&
  own(facts, `${base}_sum`) !== undefined &&
  own(facts, `${base}_count`) !== undefined;

function described(
  family: Family,
  facts: MetricMetadataByName,
  known: ReadonlySet<string>,
): CatalogueMetric {
  const { name } = family;
  const metadata = factsOf(name, facts);
  const metadataType = metadata?.type === 'unknown' ? undefined : metadata?.type;
  const type = family.type ?? metadataType ?? typeBySuffix(name);
  // A native histogram is one series with the name of the family itself.
  const native = type === 'histogram' && known.has(name) && !known.has(`${name}_bucket`);
  return {
    ...(native && { native }),
    name,
    type,
    help: cleanHelp(metadata?.help ?? ''),
    unit: cleanHelp(metadata?.unit ?? '') || unitBySuffix(name),
  };
}

/** OpenMetrics keeps the metadata of a counter under its name without `_total`. */
const factsOf = (name: string, facts: MetricMetadataByName): MetricMetadata | undefined =>
  own(facts, name) ?? own(facts, name.replace(/_total$/, ''));

const own = (facts: MetricMetadataByName, name: string): MetricMetadata | undefined =>
  Object.hasOwn(facts, name) ? facts[name]?.[0] : undefined;

function typeBySuffix(name: string): MetricType {
  if (name.endsWith('_total')) return 'counter';
  if (name.endsWith('_info')) return 'gauge';
  return 'unknown';
}

const unitBySuffix = (name: string): string =>
  UNIT_SUFFIX.exec(name.replace(/_total$/, ''))?.[1] ?? '';
