import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../../../src/domain/records/outcome';
import type { ReleaseArena } from './release-arena';

const OLD = 'v1.0.0';
const ENDS: readonly string[] = ['completed', 'rolled_back', 'aborted', 'needs_person'];
const NEW = 'v1.1.0';
/** What a release does to its hosts when no fault meets it from outside. */
const PLANNED = {
  bad: `${NEW} h1; ${NEW} h2,h3; restart h2,h3; ${OLD} h1,h2,h3`,
  good: `${NEW} h1; ${NEW} h2,h3; ${NEW} h4,h5,h6,h7`,
};

/** What is wrong after a release has ended, and whether its way was another one than planned. */
export async function findRelease(
  { system, store, isBad }: ReleaseArena,
  service: string,
  outcome: Outcome | null,
  steered: boolean,
): Promise<{ faults: string[]; otherWay?: string }> {
  if (outcome === null) return { faults: ['it was not begun'] };
  const faults: string[] = [];
  const expect = (holds: boolean, otherwise: string) => void (holds || faults.push(otherwise));
  expect(ENDS.includes(outcome.result), `it ended as ${outcome.result}`);
  const effects = system.changes
    .filter(({ service: of }) => of === service)
    .map((change) => {
      const what = change.kind === 'deployment' ? change.version : change.action;
      return `${what} ${change.host_ids.map((id) => id.replace(`${service}-`, '')).join(',')}`;
    });
  // Only a person may have something tried again; by itself nothing happens twice.
  const twice = effects.filter((effect, at) => effects.indexOf(effect) !== at);
  expect(steered || twice.length === 0, `twice: ${twice.join('; ')}`);
  const version = outcome.result === 'completed' ? NEW : OLD;
  const left = system
    .hosts()
    .filter(({ host_id: id }) => id.startsWith(`${service}-`))
    .filter(({ services: [own] }) => own?.version !== version || own.status !== 'active')
    .map(({ host_id }) => host_id);
  expect(left.length === 0, `not on ${version}: ${left.join(', ')}`);
  const stored = await store.outcome(outcome.issue_id);
  // The stored one has its keys in another order.
  expect(isDeepStrictEqual(stored, outcome), 'the outcome is not stored');
  const way = effects.join('; ');
  const planned = isBad(service) ? PLANNED.bad : PLANNED.good;
  const why = `${outcome.reason?.code ?? 'no reason'}: ${way}`;
  expect(way === planned || outcome.reason !== undefined, `another way without a reason: ${way}`);
  return { faults, ...(way !== planned && { otherWay: why }) };
}
