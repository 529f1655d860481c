import type { WatchedGroup } from '../../domain/metrics';

/**
 * An id for each rule, in the order of groups and rules: its group, whose series it reads, and its metric. It does not
 * depend on levels or on other rules, so that the next revision gives the same rule the same id; a second rule of the
 * same metric in a group is numbered.
 */
export function ruleIdsOf(groups: readonly WatchedGroup[]): string[][] {
  const taken = new Map<string, number>();
  return groups.map(({ name, beside, rules }) =>
    rules.map(({ candidate }) => {
      const base = [slug(name), ...placeOf(beside), candidate].join('/');
      const count = (taken.get(base) ?? 0) + 1;
      taken.set(base, count);
      return count === 1 ? base : `${base}#${count}`;
    }),
  );
}

const placeOf = (beside: WatchedGroup['beside']): string[] => {
  if (beside === undefined) return [];
  return beside.kind === 'hosts' ? ['hosts'] : ['neighbour', beside.service];
};

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '_');
