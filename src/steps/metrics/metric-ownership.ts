import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { CatalogueMetric } from '../../domain/metrics';
import { GENERAL_KIND, technologiesOf, wordsOf } from '../knowledge/lookup';
import { matcherOf } from '../knowledge/glob';

type Technology = Knowledge['technologies'][number];

export type Owner = {
  service: string;
  /** Id of a technology. */
  kind: string;
  /** Further text that describes the service, used when no document of its kind exists: its profile's description. */
  words: readonly string[];
};

/** A single process does not export so many namespaces: the scope then has metrics of other systems too. */
const CROWDED = 25;
/** Metrics about scraping, builds and the exporter's own page. They say nothing about a release. */
const NOISE =
  /^(?:scrape_|promhttp_|ALERTS|net_conntrack_)|(?:_build_info|_created|_exporter_(?:scrapes|last_scrape)_\w{1,100})$/;
/** Namespaces that describe the process which exports them. Next to an exporter they describe the exporter. */
const ABOUT_PROCESS = new Set(['process', 'go', 'python', 'nodejs', 'jvm', 'dotnet', 'ruby']);
/** Namespaces in which every service may have metrics of its own. */
const COMMON = new Set(['queue', 'up', 'process', 'container', 'kube']);

/**
 * Keeps the metrics that may be the service's own. One label often covers the metrics of several systems. A
 * namespace (the first word of a metric name) that the document of another technology names is left out. When very
 * many namespaces share the scope and the service's own are among them, every namespace that nothing connects with
 * the service is left out too. Names that the documents of the service's kind list always stay.
 */
export function ownMetrics(
  catalogue: readonly CatalogueMetric[],
  owner: Owner,
  knowledge: Pick<Knowledge, 'technologies'>,
): CatalogueMetric[] {
  const claims = claimsOf(catalogue, owner, knowledge);
  return catalogue.filter(({ name }) => isOwn(name, claims));
}

/** What the scope and the knowledge base say about the owner of a metric. */
type Claims = {
  /** Namespaces of the service or of its kind. */
  own: ReadonlySet<string>;
  /** Namespaces of other technologies. */
  foreign: ReadonlySet<string>;
  /** Whether a document of the service's kind lists the name. */
  isNamed: (name: string) => boolean;
  /** Whether a shared document (a convention, or what holds for any service) lists the name. */
  isShared: (name: string) => boolean;
  isCrowded: boolean;
  /** The service's metrics come from an exporter next to it, so metrics of a process are the exporter's. */
  isExported: boolean;
};

function claimsOf(
  catalogue: readonly CatalogueMetric[],
  owner: Owner,
  knowledge: Pick<Knowledge, 'technologies'>,
): Claims {
  const present = new Set(catalogue.map(({ name }) => namespaceOf(name)));
  const home = technologiesOf(owner.kind, knowledge);
  const others = knowledge.technologies.filter((other) => !home.includes(other));
  const specific = home.filter(isSpecific);
  const foreign = new Set(others.flatMap(namespacesOf));
  const named = namedNamespaces(owner, home, present).filter(
    (namespace) => specific.length === 0 || !foreign.has(namespace),
  );
  const shared = home.filter((one) => !isSpecific(one));
  return {
    own: new Set([...specific.flatMap(namespacesOf), ...named].filter((one) => present.has(one))),
    foreign,
    isNamed: matcherOf(specific.flatMap(claimedNames)),
    isShared: matcherOf(shared.flatMap(claimedNames)),
    isCrowded: present.size > CROWDED,
    isExported: home[0]?.exporter === true,
  };
}

/** The first answer that applies decides. */
function isOwn(name: string, claims: Claims): boolean {
  const namespace = namespaceOf(name);
  const isCommon = COMMON.has(namespace);
  const isForeign = claims.foreign.has(namespace);
  const onlyOwn = claims.isCrowded && claims.own.size > 0;
  if (claims.isNamed(name)) return true;
  if (NOISE.test(name)) return false;
  if (claims.isExported && ABOUT_PROCESS.has(namespace)) return false;
  if (claims.own.has(namespace)) return true;
  if (claims.isShared(name)) return isCommon || !(onlyOwn || (claims.isCrowded && isForeign));
  return (isCommon || !isForeign) && !onlyOwn;
}

/** The first word of a metric name, which is its application in the naming convention of Prometheus. */
export const namespaceOf = (name: string): string =>
  (/^[^_:.\-/]+/.exec(name)?.[0] ?? name).toLowerCase();

const patternsOf = ({ groups }: Technology): string[] =>
  groups.flatMap(({ pinned, levels }) => [
    ...pinned,
    ...levels.flatMap(({ match, of = [] }) => [...match, ...of]),
  ]);

const beginsWithStar = (pattern: string): boolean => /^[^_:.\-/]*\*/.test(pattern);

/**
 * Whether metrics whose names start with the name of a service can be taken for its own. Not for a name that is a
 * common first word of metric names (`http`, `go`, `process`), which the metrics of any system have.
 */
export function isTellingPrefix(
  service: string,
  { technologies }: Pick<Knowledge, 'technologies'>,
): boolean {
  const name = service.toLowerCase();
  if (namespaceOf(name) !== name) return true;
  if (COMMON.has(name) || ABOUT_PROCESS.has(name) || PLAIN.has(name)) return false;
  const shared = technologies.filter((one) => !isSpecific(one) || one.layer === 'runtime');
  return !shared.flatMap(namespacesOf).includes(name);
}

/** Namespaces that a document names; a pattern that begins with a star names none. */
const namespacesOf = (technology: Technology): string[] => [
  ...new Set(claimedNames(technology).map(namespaceOf)),
];

const claimedNames = (technology: Technology): string[] =>
  patternsOf(technology).filter((pattern) => !beginsWithStar(pattern));

/** Words too common to show which service a metric belongs to. */
const PLAIN: ReadonlySet<string> = new Set(
  (
    'service server client api system app http web host node total data of db database store storage cache ' +
    'queue state cluster worker task job event events log memory cpu'
  ).split(' '),
);

/** Namespaces that the service, its kind or its description name, written as one word or as several. */
function namedNamespaces(
  { service, words }: Owner,
  home: readonly Technology[],
  present: ReadonlySet<string>,
): string[] {
  const [technology] = home;
  // A shared kind names no namespace of its own: the words of the profile are used instead.
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
  const named = [...new Set(names)].filter((name) => present.has(name) && !PLAIN.has(name));
  if (named.length > 0) return named;
  const spelt = texts.flatMap(wordsOf).filter((word) => !PLAIN.has(word));
  return [...present].filter((namespace) => spelt.some((word) => isShortFor(namespace, word)));
}

const LONG_WORD = 6;

/** `pg` for postgresql, `vm` for victoriametrics: all letters of the short form occur in the long word, in order. */
function isShortFor(short: string, word: string): boolean {
  if (short.length < 2 || short.length > 4 || word.length < LONG_WORD) return false;
  if (PLAIN.has(short) || short[0] !== word[0]) return false;
  let at = 0;
  return [...short].every((letter) => (at = word.indexOf(letter, at) + 1) > 0);
}

const isSpecific = ({ id, layer }: Technology): boolean =>
  id !== GENERAL_KIND && layer !== 'convention';
