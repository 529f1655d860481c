import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { RolloutConditions } from '../../domain/knowledge/rollout-document';
import type { Severity } from '../../domain/risk';
import { GENERAL_KIND, profileOf, technologiesOf } from '../knowledge/lookup';
import { serviceKind, type ServiceKind } from '../knowledge/service-kind';

export type PolicyFacts = {
  service: string;
  /** Its kind, if more than its profile and its name is known. */
  detectedKind?: ServiceKind;
  hosts: number;
  /** Of the target hosts, as far as they are known. */
  regions: readonly string[];
};
export type ChosenPolicy = { policy: Knowledge['rollout'][number]; reason: string };

type ServiceFacts = {
  kind: string;
  kinds: ReadonlySet<string>;
  criticality: Severity | undefined;
  hosts: number;
  regions: ReadonlySet<string>;
};

/**
 * The rollout policy of a service: the one that its profile names, else of those whose conditions all hold the one
 * with the most conditions. Undefined when the knowledge base has none that applies.
 */
export function choosePolicy(
  { service, detectedKind, hosts, regions }: PolicyFacts,
  knowledge: Knowledge,
): ChosenPolicy | undefined {
  const profile = profileOf(service, knowledge);
  const named = knowledge.rollout.find(({ id }) => id === profile?.rollout);
  if (named !== undefined) return { policy: named, reason: `the profile of ${service} names it` };
  const known = detectedKind ?? serviceKind({ service }, knowledge);
  const facts: ServiceFacts = {
    kind: profile === undefined ? `${known.kind} ${known.because}` : known.kind,
    kinds: new Set(technologiesOf(known.kind, knowledge).map(({ id }) => id)),
    criticality: profile?.criticality,
    hosts,
    regions: new Set(regions),
  };
  const applicable = knowledge.rollout
    .flatMap((policy) => {
      const because = reasonsOf(policy.applies, facts);
      return because === null ? [] : [{ policy, because }];
    })
    .sort((a, b) => b.because.length - a.because.length || (a.policy.id < b.policy.id ? -1 : 1));
  const best = applicable[0];
  if (best === undefined) return undefined;
  const because = best.because.length > 0 ? best.because.join(', ') : 'no other policy applies';
  return { policy: best.policy, reason: because + unknownKind(known, profile === undefined) };
}

/** Policies for kinds do not apply where the kind is not known: a profile can change that. */
const unknownKind = ({ kind }: ServiceKind, unprofiled: boolean): string =>
  unprofiled && kind === GENERAL_KIND ? '; the kind of the service is not known' : '';

/** Why each condition holds, or null when one does not. */
function reasonsOf(applies: RolloutConditions, facts: ServiceFacts): string[] | null {
  const reasons: string[] = [];
  const need = (given: boolean, holds: boolean, reason: string): boolean => {
    if (given && holds) reasons.push(reason);
    return !given || holds;
  };
  const { kinds, criticality, min_hosts: min, max_hosts: max, regions } = applies;
  const { hosts } = facts;
  const region = regions?.find((name) => facts.regions.has(name));
  const all = [
    need(
      kinds !== undefined,
      kinds?.some((name) => facts.kinds.has(name)) ?? false,
      `the service is of kind ${facts.kind}`,
    ),
    need(
      criticality !== undefined,
      facts.criticality !== undefined && (criticality?.includes(facts.criticality) ?? false),
      `its criticality is ${facts.criticality ?? 'not known'}`,
    ),
    need(
      min !== undefined,
      hosts >= (min ?? 0),
      `${hosts} ${hosts === 1 ? 'host is' : 'hosts are'} at least ${min ?? 0}`,
    ),
    need(
      max !== undefined,
      hosts <= (max ?? 0),
      `${hosts} ${hosts === 1 ? 'host is' : 'hosts are'} at most ${max ?? 0}`,
    ),
    need(regions !== undefined, region !== undefined, `hosts are in region ${region ?? ''}`),
  ];
  return all.every(Boolean) ? reasons : null;
}
