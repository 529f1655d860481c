import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { Position, VersionChange } from '../../domain/knowledge/risk-document';
import type { CatalogueMetric } from '../../domain/metrics';
import type { PastRelease } from '../../domain/release-history';
import type { Evidence } from '../../domain/risk';
import type { ServiceChain } from '../../domain/service-chain';
import { chainFacts } from './chain-evidence';
import { cleanText } from '../text/sanitize-text';
import { historyFacts } from './history-evidence';
import { changesOf } from '../version/version-change';
import { serviceKind } from '../knowledge/service-kind';

export type RiskFacts = {
  service: string;
  candidate: string;
  /** Version → target hosts that run it; empty before a first installation. */
  versions: Readonly<Record<string, number>>;
  hosts: number;
  chain: ServiceChain | null;
  /** Earlier releases, the newest first; null when they could not be read. */
  history: readonly PastRelease[] | null;
  metrics: readonly CatalogueMetric[];
};

/** This release in the terms in which risk documents state their conditions; ids are those of `evidence`. */
export type Situation = {
  service: string;
  kind: string;
  changes: VersionChange[];
  hosts: number;
  versions: number;
  /** Technology → ids of what shows the dependency. */
  dependsOn: ReadonlyMap<string, readonly string[]>;
  positions: ReadonlyMap<Position, readonly string[]>;
  /** Null when the store could not be read: the past is unknown then. */
  history: ReadonlyMap<string, readonly string[]> | null;
  /** Type of a risk → ids of the earlier releases in which it happened. */
  happened: ReadonlyMap<string, readonly string[]>;
  /** Cited by a risk without any condition. */
  release: string;
  evidence: ReadonlyMap<string, Evidence>;
};

const MAX_NAME = 128;
const name = (text: string): string => cleanText(text, MAX_NAME);

/** The facts of this release, each with an id that stays the same for the same facts. */
export function situationOf(facts: RiskFacts, knowledge: Knowledge): Situation {
  const { service, hosts } = facts;
  const current = currentOf(facts.versions);
  const candidate = name(facts.candidate);
  const { kind, because } = serviceKind(facts, knowledge);
  const changes = changesOf(current, facts.candidate);
  const versions = Object.keys(facts.versions).length;
  const chain = chainFacts(facts, knowledge);
  const history = facts.history === null ? null : historyFacts(facts.history, facts);
  const release = `version:${name(current) || 'none'}->${candidate}`;
  const evidence: Evidence[] = [
    { id: `kind:${kind}`, says: `${name(service)} is of kind ${kind}: ${because}` },
    { id: release, says: `${name(current) || 'no version'} is replaced by ${candidate}` },
    ...changes.map((change) => ({ id: `change:${change}`, says: CHANGE[change] })),
    { id: `fleet:${hosts}`, says: `${hosts} hosts are released` },
    { id: `versions:${versions}`, says: `the hosts run ${versions} versions now` },
    ...chain.evidence,
    ...(history?.evidence ?? []),
  ];
  return {
    ...{ service, kind, changes, hosts, versions, release },
    dependsOn: chain.dependsOn,
    positions: chain.positions,
    history: history?.holds ?? null,
    happened: history?.happened ?? new Map<string, string[]>(),
    evidence: new Map(evidence.map((fact) => [fact.id, fact])),
  };
}

/** The version that most hosts run; empty when none does. */
export const currentOf = (versions: Readonly<Record<string, number>>): string =>
  Object.entries(versions).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0] ?? '';

const CHANGE: Record<VersionChange, string> = {
  major: 'the major version goes up',
  minor: 'the minor version goes up',
  patch: 'only the patch level goes up',
  prerelease: 'the candidate is a prerelease',
  downgrade: 'the candidate is older than the current version',
  same: 'only the build metadata differ',
  unknown: 'the versions have no order: what changed is not known',
};
