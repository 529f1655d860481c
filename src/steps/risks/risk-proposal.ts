import { LIKELIHOODS, SEVERITIES } from '../../domain/names';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import {
  type DroppedBecause,
  type Likelihood,
  type ProposalTaken,
  type Risk,
  type Severity,
} from '../../domain/risk';
import { cleanText } from '../text/sanitize-text';
import { byWeight, contextOf, raise, riskOf } from './predict-from-knowledge';
import type { Situation } from './situation';

type RiskDocument = Knowledge['risks'][number];

export type ProposedRisk = {
  id: string;
  severity: Severity;
  likelihood: Likelihood;
  evidence: readonly string[];
  reason: string;
};
export type RiskProposal = { risks: readonly ProposedRisk[] };

/** Most risks added to those that already apply. */
const MAX_ADDED = 8;
const MAX_CITED = 10;
const MAX_REASON = 200;

type Tally = { added: number; raised: number; dropped: Map<DroppedBecause, number> };

/**
 * What the model may change: add an offered risk with evidence that exists, raise severity and likelihood, order risks of
 * equal weight, and word the reason. It cannot remove a risk or lower one, and plans come only from the knowledge base;
 * everything else in its proposal is dropped and counted.
 */
export function acceptRiskProposal(
  base: readonly Risk[],
  proposal: RiskProposal,
  offered: readonly RiskDocument[],
  { situation, knowledge }: { situation: Situation; knowledge: Knowledge },
): { risks: Risk[]; taken: ProposalTaken } {
  const context = contextOf(situation, knowledge);
  const standing = new Map(base.map((risk) => [risk.knowledge[0] ?? risk.type, risk]));
  const byId = new Map(offered.map((document) => [document.id, document]));
  const mentioned = new Map<string, Risk>();
  const tally: Tally = { added: 0, raised: 0, dropped: new Map() };
  for (const proposed of proposal.risks) {
    const cited = citedOf(proposed, situation, tally);
    const before = standing.get(proposed.id);
    const document = byId.get(proposed.id);
    const reason = refusal(proposed, { mentioned, tally, cited, known: before ?? document });
    if (reason !== null) {
      drop(tally, reason);
      continue;
    }
    const added = before === undefined && document !== undefined;
    const risk = before ?? (document && riskOf(document, cited, context));
    if (risk === undefined) continue;
    if (added) tally.added += 1;
    mentioned.set(
      proposed.id,
      changed({ ...risk, ...(added && { model: 'added' }) }, proposed, cited, tally),
    );
  }
  const rest = [...standing].filter(([id]) => !mentioned.has(id)).map(([, risk]) => risk);
  return {
    risks: byWeight([...mentioned.values(), ...rest]),
    taken: { ...tally, dropped: Object.fromEntries(tally.dropped) },
  };
}

function refusal(
  proposed: ProposedRisk,
  of: {
    mentioned: ReadonlyMap<string, Risk>;
    tally: Tally;
    cited: readonly string[];
    known: Risk | RiskDocument | undefined;
  },
): DroppedBecause | null {
  if (of.known === undefined) return 'unknown_risk';
  if (of.mentioned.has(proposed.id)) return 'repeated';
  if (of.cited.length === 0) return 'no_evidence';
  if ('id' in of.known && of.tally.added >= MAX_ADDED) return 'over_limit';
  return null;
}

/** The facts of this release that a proposed cites, each once; unknown ids are counted. */
function citedOf(proposed: ProposedRisk, situation: Situation, tally: Tally): string[] {
  const cited = [...new Set(proposed.evidence)];
  const known = cited.filter((id) => situation.evidence.has(id));
  for (let i = known.length; i < cited.length; i += 1) drop(tally, 'unknown_evidence');
  return known.slice(0, MAX_CITED);
}

function changed(
  before: Risk,
  proposed: ProposedRisk,
  cited: readonly string[],
  tally: Tally,
): Risk {
  const risk = { ...before, evidence: [...new Set([...before.evidence, ...cited])] };
  const moved = raise(risk, proposed);
  if (moved) tally.raised += 1;
  if (isBelow(proposed, before)) drop(tally, 'loosened');
  const reason = cleanText(proposed.reason, MAX_REASON);
  const did = before.model ?? (moved ? 'raised' : reason === '' ? undefined : 'worded');
  return { ...risk, reason: reason || before.reason, ...(did !== undefined && { model: did }) };
}

const isBelow = (proposed: ProposedRisk, { severity, likelihood }: Risk): boolean =>
  SEVERITIES.indexOf(proposed.severity) < SEVERITIES.indexOf(severity) ||
  LIKELIHOODS.indexOf(proposed.likelihood) < LIKELIHOODS.indexOf(likelihood);

const drop = ({ dropped }: Tally, because: DroppedBecause): void =>
  void dropped.set(because, (dropped.get(because) ?? 0) + 1);
