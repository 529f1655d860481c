import MiniSearch from 'minisearch';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { Likelihood, Severity } from '../../domain/risk';
import { profileOf } from '../knowledge/lookup';
import type { Situation } from './situation';
import { tokensOf } from '../metrics/shortlist';

type RiskDocument = Knowledge['risks'][number];

const SEVERITY: Record<Severity, number> = { low: 1, medium: 2, high: 3, critical: 4 };
const LIKELIHOOD: Record<Likelihood, number> = { low: 1, medium: 2, high: 3 };

/** Severity × likelihood, 1 to 12. */
export const weightOf = (risk: { severity: Severity; likelihood: Likelihood }): number =>
  SEVERITY[risk.severity] * LIKELIHOOD[risk.likelihood];

/** Weights: titles and search words are written for search; prose is less specific. */
const BOOST = { title: 3, words: 2, prose: 1 };

/** How well each document matches this release, 0 to 1: BM25 over title, words and prose, relative to the best. */
export function relevanceOf(situation: Situation, knowledge: Knowledge): Map<string, number> {
  const index = indexOf(knowledge.risks);
  const found = index.search(queryOf(situation, knowledge), { boost: BOOST });
  const best = found[0]?.score ?? 1;
  return new Map(found.map(({ id, score }) => [String(id), score / best]));
}

/** Built once for the documents of a knowledge base, which never change after they were read. */
const INDICES = new WeakMap<Knowledge['risks'], MiniSearch<RiskDocument>>();

function indexOf(risks: Knowledge['risks']): MiniSearch<RiskDocument> {
  const known = INDICES.get(risks);
  if (known !== undefined) return known;
  const index = new MiniSearch<RiskDocument>({
    fields: ['title', 'words', 'prose'],
    extractField: (document, field) => {
      const value = (document as Record<string, unknown>)[field];
      return Array.isArray(value) ? value.join(' ') : String(value);
    },
    tokenize: tokensOf,
    processTerm: (term) => term,
  });
  index.addAll(risks);
  INDICES.set(risks, index);
  return index;
}

/** What is known of the release, in words. */
function queryOf(situation: Situation, knowledge: Knowledge): string {
  const { service, kind, dependsOn, positions, changes, history } = situation;
  const kinds = [kind, ...dependsOn.keys()];
  const technologies = knowledge.technologies.filter(({ id }) => kinds.includes(id));
  const profile = profileOf(service, knowledge);
  const words = [
    ...technologies.flatMap(({ id, title, aliases }) => [id, title, ...aliases]),
    ...positions.keys(),
    ...changes,
    ...(history?.keys() ?? []),
    profile?.description ?? '',
  ];
  return [...new Set(words.flatMap(tokensOf))].join(' ');
}
