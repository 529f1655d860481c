import MiniSearch from 'minisearch';
import type { CatalogueMetric, MetricScope, MetricShortlist } from '../../domain/metrics';
import type { KnownGroup } from '../knowledge/metric-groups';
import { matcherOf, matches } from '../knowledge/glob';

/** A list of this size fits a prompt and workflow history. */
export const MAX_SHORTLIST = 300;
/** Largest share for metrics matched by patterns; the rest is for the search by words. */
const MAX_BY_PATTERN = 240;
/** Weight of names: help is often empty or the same for many metrics. */
const NAME_BOOST = 2;

export type ShortlistFacts = {
  service: string;
  scope: MetricScope;
  /** Metrics that may be the service's own. */
  catalogue: readonly CatalogueMetric[];
  /** Number of metrics before those of other services were left out. */
  catalogueSize?: number;
  groups: readonly KnownGroup[];
  /** Names from the service's profile. */
  pinned: readonly string[];
  /** Search words in addition to those of the groups: the kind and its aliases, the service's description. */
  words: readonly string[];
};

/** The whole catalogue → at most 300 metrics: pinned ones, those that the knowledge base knows, then by BM25. */
export function shortlistCatalogue(facts: ShortlistFacts): MetricShortlist {
  const { service, scope, catalogue, groups } = facts;
  const pinned = pinnedMetrics(facts);
  const patterns = groups.flatMap(({ levels }) =>
    levels.flatMap(({ match, of = [] }) => [...match, ...of]),
  );
  const isNamed = matcherOf(patterns.filter((pattern) => !pattern.startsWith('*')));
  const isKnown = matcherOf(patterns);
  const known = catalogue.filter(({ name }) => isKnown(name));
  const named = known.filter(({ name }) => isNamed(name));
  const listed = new Set(named);
  // Metrics that a document names stay; of those that only a convention matches, words of the service rank first.
  const byPattern =
    known.length > MAX_BY_PATTERN
      ? [
          ...named,
          ...rank(
            known.filter((metric) => !listed.has(metric)),
            facts,
          ),
        ]
      : known;
  const rest = catalogue.length > MAX_SHORTLIST ? rank(catalogue, facts) : catalogue;
  const metrics = new Map(
    [...pinned, ...byPattern.slice(0, MAX_BY_PATTERN), ...rest].map((m) => [m.name, m]),
  );
  return {
    service,
    scope,
    metrics: [...metrics.values()].slice(0, MAX_SHORTLIST),
    catalogueSize: facts.catalogueSize ?? catalogue.length,
  };
}

/** A pinned metric of the profile is kept even if it does not exist, so that the issue shows it as missing. */
function pinnedMetrics({ catalogue, groups, pinned }: ShortlistFacts): CatalogueMetric[] {
  const byName = new Map(catalogue.map((metric) => [metric.name, metric]));
  const ofProfile = pinned.map(
    (name): CatalogueMetric => byName.get(name) ?? { name, type: 'unknown', help: '', unit: '' },
  );
  const patterns = groups.flatMap((group) => group.pinned);
  const ofGroups = catalogue.filter(({ name }) =>
    patterns.some((pattern) => matches(pattern, name)),
  );
  return [...ofProfile, ...ofGroups];
}

/** Most metrics that the search indexes and ranks, which is slow: those with the most words of the query. */
const MAX_SEARCHED = 2_000;

/** Okapi BM25 over the tokens of name and help; metrics without a common word are left out. */
function rank(
  metrics: readonly CatalogueMetric[],
  { service, groups, words }: ShortlistFacts,
): CatalogueMetric[] {
  const search = new MiniSearch<CatalogueMetric & { id: number }>({
    fields: ['name', 'help'],
    tokenize: tokensOf,
    processTerm: (term) => term,
  });
  const query = new Set(
    [service, ...words, ...groups.flatMap((group) => [group.name, ...group.words])].flatMap(
      tokensOf,
    ),
  );
  const searched = metrics.length > MAX_SEARCHED ? mostSpoken(metrics, query) : metrics;
  search.addAll(searched.map((metric, id) => ({ ...metric, id })));
  const found = search.search([...query].join(' '), { boost: { name: NAME_BOOST } });
  return found.flatMap(({ id }) => searched[Number(id)] ?? []);
}

/** Metrics whose names have the most words of the query; help is used only if too few names match. */
function mostSpoken(
  metrics: readonly CatalogueMetric[],
  query: ReadonlySet<string>,
): CatalogueMetric[] {
  const byCount: CatalogueMetric[][] = [];
  const unmatched: CatalogueMetric[] = [];
  for (const metric of metrics) {
    const count = wordsIn(metric.name, query);
    if (count === 0) unmatched.push(metric);
    else (byCount[count] ??= []).push(metric);
  }
  const byName = byCount.reverse().flatMap((some) => some ?? []);
  if (byName.length >= MAX_SEARCHED) return byName.slice(0, MAX_SEARCHED);
  const byHelp = unmatched.filter(({ name, help }) =>
    tokensOf(`${name} ${help}`).some((word) => query.has(word)),
  );
  return [...byName, ...byHelp].slice(0, MAX_SEARCHED);
}

/** How many of a name's words the query has. Builds no list of words, for speed with 50,000 names. */
function wordsIn(name: string, query: ReadonlySet<string>): number {
  let count = 0;
  for (let start = 0, end = 0; end < name.length; start = end + 1) {
    const next = name.indexOf('_', start);
    end = next < 0 ? name.length : next;
    if (query.has(name.slice(start, end))) count += 1;
  }
  return count;
}

/** `http_requestDuration-seconds` → http, request, duration, seconds. */
export const tokensOf = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token.length > 1);
