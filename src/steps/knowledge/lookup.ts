import type { Knowledge } from '../../domain/knowledge/knowledge';

type Technology = Knowledge['technologies'][number];

/** The kind of a service when no other kind is known. */
export const GENERAL_KIND = 'general';

/** The service's profile, when the knowledge base has one. */
export const profileOf = (service: string, knowledge: Pick<Knowledge, 'services'>) =>
  knowledge.services.find((profile) => profile.service === service);

/** The technology of a kind and those it extends, the nearest first. */
export function technologiesOf(
  kind: string,
  knowledge: Pick<Knowledge, 'technologies'>,
): Technology[] {
  const found: Technology[] = [];
  const visit = (id: string) => {
    const technology = knowledge.technologies.find((candidate) => candidate.id === id);
    if (technology === undefined || found.includes(technology)) return;
    found.push(technology);
    technology.extends.forEach(visit);
  };
  visit(kind);
  visit(GENERAL_KIND);
  return found;
}

/**
 * The technology that free text names, as `apache-httpd`, `python django service` or `user-db-postgresql`: what
 * builds on another one named, then the longest name, then the first.
 */
export function kindOfText(
  text: string,
  { technologies }: Pick<Knowledge, 'technologies'>,
): string | undefined {
  const words = wordsOf(text);
  const named = technologies.flatMap(({ id, aliases }) =>
    [id, ...aliases].flatMap((name) => {
      const letters = wordsOf(name).join('');
      const at = placeOf(letters, words);
      return at < 0 ? [] : [{ id, at, length: letters.length }];
    }),
  );
  const builtOn = new Set(
    named.flatMap(({ id }) => technologiesOf(id, { technologies }).slice(1)).map(({ id }) => id),
  );
  named.sort((a, b) => b.length - a.length || a.at - b.at || (a.id < b.id ? -1 : 1));
  return (named.find(({ id }) => !builtOn.has(id)) ?? named[0])?.id;
}

export const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** The position of a name in a text, written together (`argocd`) or apart (`argo-cd`); -1 when it does not. */
const placeOf = (letters: string, words: readonly string[]): number =>
  words.findIndex((_, start) =>
    [1, 2, 3].some((count) => words.slice(start, start + count).join('') === letters),
  );

/** Names that a company gives inside its own network. */
const INTERNAL = /\.(?:local|localdomain|internal|intranet|lan|corp|home|svc|cluster|test)$/;
const EXTERNAL_API = 'external-api';

/**
 * The technology in the name of a store, broker or other callee, as `user-db-postgresql` or `mysql8`; a public host name
 * without one is the API of a third party.
 */
export function kindOfExternal(
  node: string,
  knowledge: Pick<Knowledge, 'technologies'>,
): string | undefined {
  const name = node.toLowerCase().replace(/:\d+$/, '');
  const named = kindOfText(name, knowledge) ?? kindOfText(unnumbered(name), knowledge);
  if (named !== undefined) return named;
  const isPublic = /\.[a-z]{2,}$/.test(name) && !INTERNAL.test(name);
  return isPublic ? knowledge.technologies.find(({ id }) => id === EXTERNAL_API)?.id : undefined;
}

/** The technology in the last word of a service's own name: `orders-redis` is a redis, `redis-exporter` is not. */
export function kindByName(
  service: string,
  knowledge: Pick<Knowledge, 'technologies'>,
): string | undefined {
  const own = knowledge.technologies.find(({ id }) => id === service);
  return own?.id ?? kindOfText(unnumbered(wordsOf(service).at(-1) ?? ''), knowledge);
}

/** `mysql8-01` → mysql. */
const unnumbered = (name: string): string => name.replace(/(?<!\d)\d+(?![a-z0-9])/g, '');
