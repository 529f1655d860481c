import type { Concern } from '../../domain/issue-verdict';

/** Concerns from the worst to the mildest. The first of an issue's concerns is named in the verdict's sentence. */
export const CONCERN = {
  serviceNotInMetrics: 'ServiceNotInMetrics',
  noMetrics: 'NoMetrics',
  allRulesBlind: 'AllRulesBlind',
  overridden: 'Overridden',
  callsFail: 'CallsFail',
  batchNotJudgeable: 'BatchNotJudgeable',
  signalNotWatched: 'SignalNotWatched',
  rulesCannotJudge: 'RulesCannotJudge',
  timeNotProven: 'TimeNotProven',
  groupWithoutMetric: 'GroupWithoutMetric',
  hostsLeftOut: 'HostsLeftOut',
  hostsUnhealthy: 'HostsUnhealthy',
  risksUnavailable: 'RisksUnavailable',
  chainNotKnown: 'ChainNotKnown',
  modelFallback: 'ModelFallback',
  domainNotKnown: 'FaultDomainNotKnown',
  capacityNotChecked: 'CapacityNotChecked',
  chainPartial: 'ChainPartial',
  unknownService: 'UnknownService',
  longRelease: 'LongRelease',
} as const;

/** Concerns that make an issue not ready: a release by it could not be stopped by what the service shows. */
export const BLOCKING: ReadonlySet<string> = new Set([
  CONCERN.serviceNotInMetrics,
  CONCERN.noMetrics,
  CONCERN.allRulesBlind,
]);

export const concern = (
  code: string,
  text: string,
  params: Record<string, string | number> = {},
): Concern => ({ code, text, ...(Object.keys(params).length > 0 && { params }) });

/** `1 host`, `2 hosts`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Enough names for a sentence; the rest is counted. */
const MAX_NAMED = 4;

/** `a, b, c, d and 3 more`. */
export function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  const shown = names.slice(0, MAX_NAMED).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
