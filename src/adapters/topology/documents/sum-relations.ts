import type { Relation } from '../../../domain/topology/reading';
import { MAX_TEXT } from './hit-fields';

/**
 * One relation for each caller, callee and way: counts add up, an unknown number of errors stays unknown. What is too
 * long for a name is none.
 */
export function sumRelations(relations: readonly Relation[]): Relation[] {
  const sums = new Map<string, Relation>();
  for (const relation of relations) {
    if (relation.caller.length > MAX_TEXT || relation.callee.length > MAX_TEXT) continue;
    const key = JSON.stringify([relation.caller, relation.callee, relation.via, relation.kind]);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? relation : add(sum, relation));
  }
  return [...sums.values()];
}

function add(a: Relation, b: Relation): Relation {
  const candidates = [...new Set([...(a.candidates ?? []), ...(b.candidates ?? [])])].sort();
  const seen = [a.last_seen, b.last_seen].filter((time) => time !== undefined).sort();
  return {
    ...a,
    calls: a.calls + b.calls,
    errors: a.errors === null || b.errors === null ? null : a.errors + b.errors,
    ...(candidates.length > 0 && { candidates }),
    ...(seen.length > 0 && { last_seen: seen.at(-1) }),
  };
}
