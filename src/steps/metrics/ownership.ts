import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { CatalogueMetric } from '../../domain/metrics';
import { GENERAL_KIND, technologiesOf, wordsOf } from '../knowledge/lookup';
import { matcherOf } from '../knowledge/glob';

type Technology = Knowledge['technologies'][number];

export type Owner = {
  service: string;
  /** Id of a technology. */
  kind: string;
  /** What tells whose metrics they are when no document does: the description of the service's profile. */
  words: readonly string[];
};

/** Of so many name families no single process exports metrics: the scope holds other systems' metrics too. */
const CROWDED = 25;
/** Metrics about the scraping, about builds and about the exporter's own page: they judge no release. */
const NOISE =
  /^(?:scrape_|promhttp_|ALERTS|net_conntrack_)|(?:_build_info|_created|_exporter_(?:scrapes|last_scrape)_\w{1,100})$/;

/**
 * Keeps the metrics that may be the service's own. A label often holds more than one system's metrics: those whose
 * name family another technology's document claims are left out, and, where very many families share the scope and
 * the service's own are among them, so are the families that nothing connects with it. What the documents of the
 * service's kind name outright stays.
 */
export function ownMetrics(
  catalogue: readonly CatalogueMetric[],
  owner: Owner,
  knowledge: Pick<Knowledge, 'technologies'>,
): CatalogueMetric[] {
  const home = technologiesOf(owner.kind, knowledge);
  const specific = home.filter(isSpecific);
  const families = new Set(catalogue.map(({ name }) => familyOf(name)));
  const foreign = new Set(
    knowledge.technologies.filter((other) => !home.includes(other)).flatMap(familiesOf),
  );
  const own = new Set(specific.flatMap(familiesOf));
  for (const family of namedFamilies(owner, home, families)) {
    if (specific.length === 0 || !foreign.has(family)) own.add(family);
  }
  const crowded = families.size > CROWDED;
  const onlyOwn = crowded && [...own].some((family) => families.has(family));
  const isNamed = matcherOf(specific.flatMap(claimedNames));
  const isShared = matcherOf(home.filter((one) => !isSpecific(one)).flatMap(claimedNames));
  const exported = home[0]?.exporter === true;
  const isOwn = (name: string): boolean => {
    const family = familyOf(name);
    if (isNamed(name)) return true;
    if (NOISE.test(name) || (exported && ABOUT_PROCESS.has(family))) return false;
    if (own.has(family)) return true;
    if (isShared(name)) return COMMON.has(family) || !(onlyOwn || (crowded && foreign.has(family)));
    return (COMMON.has(family) || !foreign.has(family)) && !onlyOwn;
  };
  return catalogue.filter(({ name }) => isOwn(name));
}

/** The first word of a metric's name: exporters put their own there. */
export const familyOf = (name: string): string =>
  (/^[^_:.\-/]+/.exec(name)?.[0] ?? name).toLowerCase();

const patternsOf = ({ groups }: Technology): string[] =>
  groups.flatMap(({ pinned, levels }) => [
    ...pinned,
    ...levels.flatMap(({ match, of = [] }) => [...match, ...of]),
  ]);

const beginsWithStar = (pattern: string): boolean => /^[^_:.\-/]*\*/.test(pattern);

/** Families that a document claims; a pattern that begins with a star claims none. */
const familiesOf = (technology: Technology): string[] => [
  ...new Set(
    patternsOf(technology)
      .filter((pattern) => !beginsWithStar(pattern))
      .map(familyOf),
  ),
];

/** Beside an exporter, what is known of a process speaks of the exporter's. */
const ABOUT_PROCESS = new Set(['process', 'go', 'python', 'nodejs', 'jvm', 'dotnet', 'ruby']);
/** Families in which any service has metrics, whoever else does. */
const COMMON = new Set(['queue', 'up', 'process', 'container', 'kube']);

const claimedNames = (technology: Technology): string[] =>
  patternsOf(technology).filter((pattern) => !beginsWithStar(pattern));

/** Too common to say whose a metric is. */
const PLAIN: ReadonlySet<string> = new Set(
  (
    'service server client api system app http web host node total data of db database store storage cache ' +
    'queue state cluster worker task job event events log memory cpu'
  ).split(' '),
);

/** Families that the service, its kind or its description name, written together or apart. */
function namedFamilies(
  { service, words }: Owner,
  home: readonly Technology[],
  families: ReadonlySet<string>,
): string[] {
  const [technology] = home;
  // A kind that is none in particular names no family: then the profile's words do.
  const texts =
    technology !== undefined && isSpecific(technology)
      ? [service, technology.id, ...technology.aliases, technology.title]
      : [service, ...words];
  const names = texts.flatMap((text) => {
    const parts = wordsOf(text);
    return parts.flatMap((_, start) =>
      [1, 2, 3].map((count) => parts.slice(start, start + count).join('')),
    );
  });
  const told = [...new Set(names)].filter((name) => families.has(name) && !PLAIN.has(name));
  if (told.length > 0) return told;
  const spelt = texts.flatMap(wordsOf).filter((word) => !PLAIN.has(word));
  return [...families].filter((family) => spelt.some((word) => isShortFor(family, word)));
}

const LONG_WORD = 6;

/** `pg` of postgresql, `vm` of victoriametrics: the letters of a short family stand in a long word, in order. */
function isShortFor(family: string, word: string): boolean {
  if (family.length < 2 || family.length > 4 || word.length < LONG_WORD) return false;
  if (PLAIN.has(family) || family[0] !== word[0]) return false;
  let at = 0;
  return [...family].every((letter) => (at = word.indexOf(letter, at) + 1) > 0);
}

const isSpecific = ({ id, layer }: Technology): boolean =>
  id !== GENERAL_KIND && layer !== 'convention';
