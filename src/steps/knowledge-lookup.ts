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

/** The technology that the name of a store, broker or other external node tells, as `redis` or `user-db-postgresql`. */
export function kindOfExternal(node: string, knowledge: Knowledge): string | undefined {
  const words = node.toLowerCase().split(/[^a-z0-9]+/);
  return knowledge.technologies.find(({ id, aliases }) =>
    [id, ...aliases].some((name) => words.includes(name.toLowerCase())),
  )?.id;
}

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
