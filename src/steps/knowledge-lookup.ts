import type { Knowledge } from '../domain/knowledge/knowledge';

type Technology = Knowledge['technologies'][number];

/** What a service without a profile is taken for. */
export const GENERAL_KIND = 'general';

/** The service's profile, when the knowledge base has one. */
export const profileOf = (service: string, knowledge: Pick<Knowledge, 'services'>) =>
  knowledge.services.find((profile) => profile.service === service);

export const kindOf = (service: string, knowledge: Knowledge): string =>
  profileOf(service, knowledge)?.kind ?? GENERAL_KIND;

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

/** Where a name stands in a text, written together (`argocd`) or apart (`argo-cd`); -1 when it does not. */
const placeOf = (letters: string, words: readonly string[]): number =>
  words.findIndex((_, start) =>
    [1, 2, 3].some((count) => words.slice(start, start + count).join('') === letters),
  );

/** The technology that the name of a store, broker or other external node tells. */
export const kindOfExternal = (node: string, knowledge: Knowledge): string | undefined =>
  kindOfText(node, knowledge);

/** The rollout policy: the profile's, else one for the kind, else the one for every kind. */
export function rolloutOf(service: string, knowledge: Knowledge) {
  const profile = profileOf(service, knowledge);
  const kind = kindOf(service, knowledge);
  return (
    knowledge.rollout.find(({ id }) => id === profile?.rollout) ??
    knowledge.rollout.find(({ kinds }) => kinds.includes(kind)) ??
    knowledge.rollout.find(({ kinds }) => kinds.length === 0)
  );
}
