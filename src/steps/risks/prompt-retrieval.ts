import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { Retrieval } from '../../domain/risk';
import { cleanText } from '../text/sanitize-text';
import type { Prediction } from './predict-from-knowledge';
import type { Situation } from './situation';

type RiskDocument = Knowledge['risks'][number];

/** Token budget for the facts and documents in the prompt; the system prompt and the schema are extra. */
export const MAX_FACT_TOKENS = 4_000;
/** Names and prose measured 4.2 characters a token or more: 3 never estimates too few. */
const CHARACTERS_PER_TOKEN = 3;
const MAX_PROSE = 240;
/** Most edges of a chain say little about one service; the documents need room as well. */
const MAX_EVIDENCE_TOKENS = 1_800;

export type OfferedFacts = {
  service: string;
  version: string;
  kind: string;
  evidence: { id: string; says: string }[];
  standing: { id: string; severity: string; likelihood: string }[];
  offered: { id: string; title: string; severity: string; likelihood: string; about: string }[];
};

export const tokensOf = (value: unknown): number =>
  Math.ceil(JSON.stringify(value).length / CHARACTERS_PER_TOKEN);

/**
 * Selects the content of the prompt: facts by id, the risks that already apply, and documents that the model may add, as
 * many as fit in the budget. Risks that apply and the facts that they cite are always included.
 */
export function offerOf(
  situation: Situation,
  candidate: string,
  prediction: Prediction,
  knowledge: Knowledge,
): { facts: OfferedFacts; offered: RiskDocument[]; retrieval: Retrieval } {
  const cited = new Set(prediction.risks.flatMap(({ evidence }) => evidence));
  const citedFirst = [...situation.evidence.values()].sort(
    (a, b) => Number(cited.has(b.id)) - Number(cited.has(a.id)),
  );
  const facts: OfferedFacts = {
    service: cleanText(situation.service, 128),
    version: cleanText(candidate, 128),
    kind: situation.kind,
    evidence: within(citedFirst, MAX_EVIDENCE_TOKENS, (fact) => cited.has(fact.id)),
    standing: prediction.risks.map(({ knowledge: [id = ''], severity, likelihood }) => ({
      ...{ id, severity, likelihood },
    })),
    offered: [],
  };
  const room = MAX_FACT_TOKENS - tokensOf(facts);
  facts.offered = within(prediction.open.map(summaryOf), room);
  const names = new Set(facts.offered.map(({ id }) => id));
  return {
    facts,
    offered: prediction.open.filter(({ id }) => names.has(id)),
    retrieval: {
      documents: knowledge.risks.length,
      applied: prediction.applied,
      offered: facts.offered.length,
      tokens: tokensOf(facts),
    },
  };
}

const summaryOf = ({ id, title, severity, likelihood, prose }: RiskDocument) => ({
  ...{ id, title, severity, likelihood },
  about: cleanText(prose, MAX_PROSE),
});

/** The first items that fit in the budget, and all required ones. */
function within<Item>(
  items: readonly Item[],
  budget: number,
  must: (item: Item) => boolean = () => false,
): Item[] {
  let left = budget;
  return items.filter((item) => {
    const cost = tokensOf(item);
    const fits = must(item) || cost <= left;
    if (fits) left -= cost;
    return fits;
  });
}
