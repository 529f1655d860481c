/**
 * npm run bench:situations: how many of the risks that must be predicted are, and how many that must not, by file. The
 * files of `situations` shaped the knowledge base; those of `situations/held-out` were written before it answered them.
 */
import { predictSituation } from '../fixtures/risks/predict-situation';
import { HELD_OUT, loadSituations, type SituationCase } from '../fixtures/risks/situation';
import type { Knowledge } from '../../src/domain/knowledge/knowledge';
import { shippedKnowledge } from '../fixtures/knowledge';

async function main(): Promise<void> {
  const knowledge = await shippedKnowledge();
  const sets = { shaped: loadSituations(), 'held out': loadSituations(HELD_OUT) };
  for (const [set, situations] of Object.entries(sets)) {
    for (const file of new Set(situations.map((situation) => situation.file))) {
      report(
        `${set}, ${file}`,
        situations.filter((situation) => situation.file === file),
        knowledge,
      );
    }
  }
}

function report(title: string, situations: readonly SituationCase[], knowledge: Knowledge): void {
  const judged = situations.map((situation) => {
    const types = predictSituation(situation, knowledge);
    return {
      id: situation.id,
      predicted: types.length,
      missed: situation.must.filter((type) => !types.includes(type)),
      wrong: situation.must_not.filter((type) => types.includes(type)),
    };
  });
  const sum = (of: (item: (typeof judged)[number]) => number) =>
    judged.reduce((total, item) => total + of(item), 0);
  const must = situations.flatMap((situation) => situation.must).length;
  const mustNot = situations.flatMap((situation) => situation.must_not).length;
  console.log(
    `${title}: ${situations.length} situations, ${must - sum(({ missed }) => missed.length)} of ${must} found, ` +
      `${sum(({ wrong }) => wrong.length)} of ${mustNot} wrongly predicted, ${(sum(({ predicted }) => predicted) / judged.length).toFixed(1)} risks each`,
  );
  for (const { id, missed, wrong } of judged) {
    if (missed.length > 0) console.log(`  ${id}: missed ${missed.join(' ')}`);
    if (wrong.length > 0) console.log(`  ${id}: wrongly ${wrong.join(' ')}`);
  }
}

void main();
