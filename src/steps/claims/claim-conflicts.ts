import type { Claim, ClaimHolder, Conflict } from '../../domain/release-claim';
import type { ActiveFreeze } from '../plan/freeze';

/**
 * Whether a claim is granted while `current` holds: nobody does, the same preparation does (a retry), the same
 * version is being released (a newer issue for it), or the holder is the one that the claim replaces.
 */
export function grantsClaim(current: ClaimHolder | null, { holder, replace }: Claim): boolean {
  if (current === null || current.workflow_id === holder.workflow_id) return true;
  if (current.phase === 'releasing' && current.version === holder.version) return true;
  return replace?.workflow_id === current.workflow_id && replace.since === current.since;
}

/** The claim that another version of the service holds, as a conflict. */
export const ownConflict = (holder: ClaimHolder): Conflict => ({
  kind: 'release_in_progress',
  service: holder.service,
  holder: holder.held_by,
  reason: `${holder.service} ${holder.version} is being ${holder.phase === 'preparing' ? 'prepared' : 'released'} since ${holder.since}`,
  until: holder.until,
});

export const freezeConflict = (service: string, freeze: ActiveFreeze): Conflict => ({
  kind: 'freeze',
  service,
  holder: freeze.owner,
  reason: `freeze ${freeze.id}: ${freeze.reason}`,
  until: freeze.until,
});

export type Member = { service: string; hops: number };

/** The services within so many hops up or down the chain whose releases are in the way, each once. */
export const neighboursWithin = (
  chain: { upstream: readonly Member[]; downstream: readonly Member[] },
  hops: number,
): string[] =>
  [
    ...new Set(
      [...chain.upstream, ...chain.downstream].filter((m) => m.hops <= hops).map((m) => m.service),
    ),
  ].sort();

/**
 * The releases of neighbours that are in the way. A preparation of a neighbour is not; two releases that begin at
 * once see each other, and the one that claimed first (by name, if at the same time) goes on.
 */
export function neighbourConflicts(
  holders: readonly ClaimHolder[],
  own?: Pick<ClaimHolder, 'service' | 'since'>,
): Conflict[] {
  return holders
    .filter(({ phase }) => phase === 'releasing')
    .filter((other) => own === undefined || isBefore(other, own))
    .map(({ service, version, held_by, since, until }) => ({
      kind: 'neighbour_releasing',
      service,
      holder: held_by,
      reason: `${service} ${version}, a neighbour on the chain, is being released since ${since}`,
      until,
    }));
}

const isBefore = (
  a: Pick<ClaimHolder, 'service' | 'since'>,
  b: Pick<ClaimHolder, 'service' | 'since'>,
): boolean => a.since < b.since || (a.since === b.since && a.service < b.service);

/** One sentence a conflict, each with holder, reason and end. */
export const conflictText = (conflicts: readonly Conflict[]): string =>
  conflicts
    .map(
      ({ reason, holder, until }) =>
        `${reason} (held by ${holder}${until === null ? '' : `, until ${until}`})`,
    )
    .join('; ');
