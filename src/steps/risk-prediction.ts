import type { Knowledge } from '../domain/knowledge/knowledge';
import type { RiskConditions, VersionChange } from '../domain/knowledge/risk-document';
import type { Likelihood, Risk, Severity } from '../domain/risk';
import type { ServiceChain } from '../domain/service-chain';
import { kindOf, kindOfExternal, profileOf, technologiesOf } from './knowledge-lookup';
import { changesOf } from './release-change';

export type RiskFacts = {
  service: string;
  candidate: string;
  current: string;
  hosts: number;
  chain: ServiceChain | null;
};
/** Facts with ids that a risk may cite. */
export type Evidence = { id: string; says: string };
export type Situation = {
  kind: string;
  changes: VersionChange[];
  hosts: number;
  dependsOn: Map<string, string>;
  positions: Map<string, string>;
  evidence: Evidence[];
};
type RiskDocument = Knowledge['risks'][number];

/** More than a person reads before a release; mandatory risks stay beyond it. */
const MAX_RISKS = 12;
/** Edges cited as evidence, the busiest first: the whole chain stands beside the risks. */
const MAX_EDGES = 60;

/** The facts of this release in the terms in which risk documents state their conditions. */
export function situationOf(facts: RiskFacts, knowledge: Knowledge): Situation {
  const { service, chain, hosts } = facts;
  const kind = kindOf(service, knowledge);
  const changes = changesOf(facts.current, facts.candidate);
  const version = `version:${facts.current || 'none'}->${facts.candidate}`;
  const evidence: Evidence[] = [
    { id: `kind:${kind}`, says: `${service} is of kind ${kind}` },
    { id: version, says: `${facts.current || 'no version'} is replaced by ${facts.candidate}` },
    ...changes.map((change) => ({ id: `change:${change}`, says: `the change is ${change}` })),
    { id: `fleet:${hosts}`, says: `${hosts} hosts are released` },
  ];
  const dependsOn = new Map<string, string>();
  const positions = new Map<string, string>();
  const edges = [...(chain?.edges ?? [])].sort((a, b) => b.calls - a.calls).slice(0, MAX_EDGES);
  for (const { caller, callee, via, calls, errors } of edges) {
    const id = `chain:${caller}->${callee}`;
    evidence.push({ id, says: `${caller} calls ${callee}: ${calls} calls, ${errors ?? 0} errors` });
    if (callee === service) positions.set('has_upstream', id);
    if (caller === service) positions.set('has_downstream', id);
    if ((caller === service || callee === service) && via !== 'sync')
      positions.set('has_async', id);
    if (caller !== service) continue;
    const external = chain?.nodes.find((node) => node.id === callee)?.kind === 'external';
    if (external) positions.set('has_external', id);
    const calleeKind = profileOf(callee, knowledge)?.kind ?? kindOfExternal(callee, knowledge);
    if (calleeKind !== undefined) dependsOn.set(calleeKind, id);
  }
  for (const callee of profileOf(service, knowledge)?.depends_on ?? []) {
    const calleeKind = profileOf(callee, knowledge)?.kind ?? kindOfExternal(callee, knowledge);
    const id = `profile:${service}->${callee}`;
    evidence.push({ id, says: `the profile of ${service} names ${callee}` });
    if (calleeKind !== undefined && !dependsOn.has(calleeKind)) dependsOn.set(calleeKind, id);
  }
  return { kind, changes, hosts, dependsOn, positions, evidence };
}

/** The risks of the knowledge base whose conditions hold, with the evidence that makes them hold; worst first. */
export function predictFromKnowledge(
  situation: Situation,
  service: string,
  knowledge: Knowledge,
): Risk[] {
  const technologies = technologiesOf(situation.kind, knowledge);
  const listed = new Set([
    ...technologies.flatMap((technology) => technology.risks),
    ...[...situation.dependsOn.keys()].flatMap(
      (kind) => knowledge.technologies.find(({ id }) => id === kind)?.risks ?? [],
    ),
    ...(profileOf(service, knowledge)?.risks ?? []),
  ]);
  const kinds = new Set(technologies.map(({ id }) => id));
  const risks = knowledge.risks.flatMap((document) => {
    const evidence =
      document.mandatory || listed.has(document.id)
        ? holds(document.applies, situation, kinds)
        : null;
    return evidence === null ? [] : [riskOf(document, situation, evidence)];
  });
  return bounded(risks, knowledge);
}

/** The evidence ids by which all conditions hold, or null. */
function holds(
  applies: RiskConditions,
  situation: Situation,
  kinds: ReadonlySet<string>,
): string[] | null {
  const evidence: string[] = [];
  const need = (given: boolean, id: string | undefined): boolean => {
    if (given && id !== undefined) evidence.push(id);
    return !given || id !== undefined;
  };
  const { kind, changes, hosts } = situation;
  const dependency = applies.depends_on?.map((name) => situation.dependsOn.get(name)).find(Boolean);
  const ok =
    need(
      applies.kinds !== undefined,
      applies.kinds?.some((name) => kinds.has(name)) ? `kind:${kind}` : undefined,
    ) &&
    need(applies.depends_on !== undefined, dependency) &&
    need(
      applies.position !== undefined,
      applies.position?.map((name) => situation.positions.get(name)).find(Boolean),
    ) &&
    need(
      applies.change !== undefined,
      changes.filter((change) => applies.change?.includes(change)).map((c) => `change:${c}`)[0],
    ) &&
    need(
      applies.min_hosts !== undefined,
      hosts >= (applies.min_hosts ?? 0) ? `fleet:${hosts}` : undefined,
    );
  if (!ok) return null;
  return evidence.length > 0 ? evidence : [situation.evidence[1]?.id ?? `kind:${kind}`];
}

function riskOf(document: RiskDocument, situation: Situation, evidence: string[]): Risk {
  const says = evidence.flatMap(
    (id) => situation.evidence.find((fact) => fact.id === id)?.says ?? [],
  );
  return {
    type: document.type,
    mitigation: document.mitigation.action,
    severity: document.severity,
    likelihood: document.likelihood,
    reason: `${document.title}: ${says.join('; ')}`.slice(0, 300),
    evidence,
    knowledge: [document.id],
    watch: document.watch,
  };
}

const SEVERITY: Record<Severity, number> = { low: 1, medium: 2, high: 3, critical: 4 };
const LIKELIHOOD: Record<Likelihood, number> = { low: 1, medium: 2, high: 3 };
const weightOf = (risk: Risk): number => SEVERITY[risk.severity] * LIKELIHOOD[risk.likelihood];

function bounded(risks: Risk[], knowledge: Knowledge): Risk[] {
  const mandatory = new Set(knowledge.risks.filter((risk) => risk.mandatory).map(({ id }) => id));
  const ranked = [...risks].sort((a, b) => weightOf(b) - weightOf(a) || (a.type < b.type ? -1 : 1));
  return ranked.filter(
    (risk, i) => i < MAX_RISKS || risk.knowledge.some((id) => mandatory.has(id)),
  );
}

export type RiskProposal = {
  risks: readonly {
    id: string;
    severity: Severity;
    likelihood: Likelihood;
    evidence: readonly string[];
    reason: string;
  }[];
};

/**
 * What the model may change: add risks of the knowledge base with existing evidence, raise severity and likelihood,
 * and word the reason. Everything else of its proposal is dropped; plans come from the knowledge base alone.
 */
export function acceptRiskProposal(
  base: Risk[],
  proposal: RiskProposal,
  situation: Situation,
  knowledge: Knowledge,
): Risk[] {
  const known = new Set(situation.evidence.map(({ id }) => id));
  const accepted = new Map(base.map((risk) => [risk.knowledge[0] ?? risk.type, risk]));
  for (const wish of proposal.risks) {
    const document = knowledge.risks.find(({ id }) => id === wish.id);
    const evidence = [...new Set(wish.evidence.filter((id) => known.has(id)))];
    if (document === undefined || evidence.length === 0) continue;
    const before = accepted.get(wish.id) ?? riskOf(document, situation, evidence);
    accepted.set(wish.id, {
      ...before,
      severity:
        SEVERITY[wish.severity] > SEVERITY[before.severity] ? wish.severity : before.severity,
      likelihood:
        LIKELIHOOD[wish.likelihood] > LIKELIHOOD[before.likelihood]
          ? wish.likelihood
          : before.likelihood,
      evidence: [...new Set([...before.evidence, ...evidence])],
      reason: shown(wish.reason) || before.reason,
    });
  }
  return bounded([...accepted.values()], knowledge);
}

/** Free text of the model is shown, never parsed. */
const shown = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
