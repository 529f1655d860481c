import { LIKELIHOODS, SEVERITIES } from '../../domain/names';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { Risk } from '../../domain/risk';
import { cleanText } from '../text/sanitize-text';
import { GENERAL_KIND, profileOf, technologiesOf } from '../knowledge/lookup';
import { judgeCases, judgeConditions } from './risk-conditions';
import { relevanceOf, weightOf } from './risk-ranking';
import type { Situation } from './situation';

type RiskDocument = Knowledge['risks'][number];
export type Prediction = {
  /** At most MAX_RISKS, the worst first. */
  risks: Risk[];
  /** Documents that the model may add: those that apply but were cut, then those about which the facts are silent. */
  open: RiskDocument[];
  /** How many documents apply. */
  applied: number;
};

/** A person reads no more before a release; mandatory risks are kept even above this number. */
export const MAX_RISKS = 20;
const MAX_REASON = 300;

/**
 * The risks of the knowledge base whose conditions hold, with the facts that make them hold. Ranked by severity ×
 * likelihood, and by how well the document matches this release: its words, its conditions, a technology that names it.
 */
export function predictFromKnowledge(situation: Situation, knowledge: Knowledge): Prediction {
  const context = contextOf(situation, knowledge);
  const judged = knowledge.risks.map((document) => ({
    document,
    verdict: verdictOn(document, context),
  }));
  const relevance = relevanceOf(situation, knowledge);
  const applied = judged.flatMap(({ document, verdict }) =>
    verdict.kind === 'holds'
      ? [{ document, verdict, risk: riskOf(document, verdict.evidence, context) }]
      : [],
  );
  const scored = applied.map((one) => {
    const named = one.risk.knowledge.slice(1).filter((id) => id !== GENERAL_KIND).length;
    const { conditions } = one.verdict;
    const fit =
      (relevance.get(one.document.id) ?? 0) + Math.min(conditions, 3) / 3 + Math.min(named, 2) / 4;
    return { ...one, score: weightOf(one.risk) * (1 + fit) };
  });
  scored.sort((a, b) => b.score - a.score || (a.risk.type < b.risk.type ? -1 : 1));
  const standing = bounded(scored);
  const kept = new Set(standing.map(({ document }) => document.id));
  const silent = judged
    .filter(({ verdict }) => verdict.kind === 'open')
    .map(({ document }) => document)
    .sort(
      (a, b) => (relevance.get(b.id) ?? 0) - (relevance.get(a.id) ?? 0) || (a.id < b.id ? -1 : 1),
    );
  const cut = scored.map(({ document }) => document).filter(({ id }) => !kept.has(id));
  return {
    risks: byWeight(standing.map(({ risk }) => risk)),
    open: [...cut, ...silent],
    applied: applied.length,
  };
}

/** The mandatory, then the best, in the order of the best. */
function bounded<Scored extends { document: RiskDocument }>(scored: Scored[]): Scored[] {
  const mandatory = scored.filter(({ document }) => document.mandatory).length;
  let room = Math.max(0, MAX_RISKS - mandatory);
  return scored.filter(({ document }) => document.mandatory || room-- > 0);
}

/** The worst first; equal ones keep their order. */
export const byWeight = (risks: readonly Risk[]): Risk[] =>
  [...risks].sort((a, b) => weightOf(b) - weightOf(a));

type Context = {
  situation: Situation;
  /** The service's technology and what it extends. */
  kinds: ReadonlySet<string>;
  /** Risk → ids of the technologies that name it: the service's own and those that it depends on. */
  namedBy: ReadonlyMap<string, readonly string[]>;
  /** Risks that the service's own profile names. */
  profile: ReadonlySet<string>;
};

export function contextOf(situation: Situation, knowledge: Knowledge): Context {
  const own = technologiesOf(situation.kind, knowledge);
  const near = knowledge.technologies.filter(({ id }) => situation.dependsOn.has(id));
  const namedBy = new Map<string, string[]>();
  for (const { id, risks } of new Set([...own, ...near]))
    for (const risk of risks) namedBy.set(risk, [...(namedBy.get(risk) ?? []), id]);
  return {
    situation,
    namedBy,
    kinds: new Set(own.map(({ id }) => id)),
    profile: new Set(profileOf(situation.service, knowledge)?.risks ?? []),
  };
}

const verdictOn = (document: RiskDocument, { situation, kinds, profile }: Context) =>
  judgeCases(
    [document.applies, ...document.also_applies],
    situation,
    kinds,
    profile.has(document.id) ? `kind:${situation.kind}` : undefined,
  );

/** The risk of a document; its plan comes only from the document. `evidence` are ids of the situation. */
export function riskOf(
  document: RiskDocument,
  evidence: readonly string[],
  context: Context,
): Risk {
  const { situation, kinds, namedBy } = context;
  const { mitigation } = document;
  const risk: Risk = {
    type: document.type,
    mitigation: mitigation.action,
    severity: document.severity,
    likelihood: document.likelihood,
    reason: '',
    evidence: [...evidence],
    knowledge: [document.id, ...(namedBy.get(document.id) ?? [])],
    watch: document.watch,
    plan: {
      steps: mitigation.steps,
      not_when: mitigation.not_when,
      repair_observation_time: mitigation.repair_observation,
    },
  };
  for (const { when, severity, likelihood } of document.raises) {
    const verdict = judgeConditions(when, situation, kinds);
    if (verdict.kind !== 'holds') continue;
    raise(risk, { severity, likelihood });
    risk.evidence = [...new Set([...risk.evidence, ...verdict.evidence])];
  }
  // What happened in one of the last releases is likely in this one.
  const before = situation.happened.get(document.type) ?? [];
  if (before.length > 0) {
    raise(risk, { likelihood: 'high' });
    risk.evidence = [...new Set([...risk.evidence, ...before])];
  }
  const says = risk.evidence.map((id) => situation.evidence.get(id)?.says ?? '').join('; ');
  return { ...risk, reason: cleanText(`${document.title}: ${says}`, MAX_REASON) };
}

/** Moves a risk up, never down; returns whether it moved. */
export function raise(risk: Risk, to: Partial<Pick<Risk, 'severity' | 'likelihood'>>): boolean {
  const { severity, likelihood } = risk;
  if (SEVERITIES.indexOf(to.severity ?? severity) > SEVERITIES.indexOf(severity))
    risk.severity = to.severity ?? severity;
  if (LIKELIHOODS.indexOf(to.likelihood ?? likelihood) > LIKELIHOODS.indexOf(likelihood))
    risk.likelihood = to.likelihood ?? likelihood;
  return risk.severity !== severity || risk.likelihood !== likelihood;
}
