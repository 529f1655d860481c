import type { Claim, ClaimEnd, ClaimHolder, Conflict } from '../../domain/release-claim';
import type { ActiveFreeze } from '../release-plan/active-freeze';

/**
 * Whether a claim is granted while `current` holds: nobody does, the same preparation does (a retry), the same
 * version is being released (a newer issue for it), or the holder is the one that the claim replaces.
 */
export function grantsClaim(current: ClaimHolder | null, { holder, replace }: Claim): boolean {
  if (current === null || current.workflow_id === holder.workflow_id) return true;
  if (current.phase === 'releasing' && current.version === holder.version) return true;
  return replace !== undefined && isSameClaim(replace, current);
}

type ClaimRef = Pick<ClaimHolder, 'workflow_id' | 'since'>;
export const isSameClaim = (a: ClaimRef, b: ClaimRef): boolean =>
  a.workflow_id === b.workflow_id && a.since === b.since;

/**
 * Whether a signal `end` ends the claim. Temporal does not show a workflow who sent a signal: the name of the holder is
 * all there is to check, and its run where the claim names one.
 */
export const endsClaim = (current: ClaimHolder, ended: ClaimEnd): boolean =>
  current.held_by === ended.workflow_id &&
  (current.run_id === undefined || current.run_id === ended.run_id);

/** No claim lasts longer than a year, whatever its end says. */
export const MAX_CLAIM_MS = 366 * 86_400_000;

/** The time that a claim has left, at least 1 ms; null: it has no end. An end that cannot be read is over. */
export function msUntilEnd(until: string | null, now: number): number | null {
  if (until === null) return null;
  const left = Date.parse(until) - now;
  return Number.isNaN(left) ? 1 : Math.min(MAX_CLAIM_MS, Math.max(1, left));
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

/** The services within so many hops up or down the chain whose releases block this one, each once. */
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
 * The releases of neighbours that block this one. A neighbour's preparation does not. Two releases that begin at the
 * same time see each other, and the one that claimed first (by name, if at the same time) continues.
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

/** One sentence per conflict, with holder, reason and end. */
export const conflictText = (conflicts: readonly Conflict[]): string =>
  conflicts
    .map(
      ({ reason, holder, until }) =>
        `${reason} (held by ${holder}${until === null ? '' : `, until ${until}`})`,
    )
    .join('; ');
