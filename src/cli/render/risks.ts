import { colours as colors } from '../../adapters/terminal/colours';
import type { RiskPrediction } from '../../domain/risk';
import type { StepOutcome } from '../../domain/step-result';
import { riskBlocks } from './risk-blocks';
import { plainText } from '../../adapters/terminal/printable';
import { terminalView } from './layout/terminal-view';
import { wrapProse } from './layout/wrap-prose';
import { warningLines } from './grouped-warnings';

/** The risks for people at a terminal: what, how bad, what to do about it, why it is expected, and its source. */
export function renderRisks(
  { result, warnings }: StepOutcome<RiskPrediction>,
  view = terminalView(),
): string {
  const { risks, service, evidence = [] } = result.details;
  return [
    `${colors.bold(plainText(service))}: ${result.summary}`,
    ...footOf(result).flatMap((line) => wrapProse(line, view.width, 2)),
    '',
    ...riskBlocks(risks, evidence, view),
    ...warningLines(warnings, view),
  ].join('\n');
}

/** How they were found. */
export function footOf({ details }: RiskPrediction): string[] {
  const { retrieval, proposal, reasoning } = details;
  const by =
    reasoning.mode === 'model'
      ? `knowledge base and ${plainText(reasoning.model ?? 'a model')}`
      : 'knowledge base';
  const found =
    retrieval === undefined
      ? ''
      : `: ${retrieval.applied} of ${retrieval.documents} documents apply, ${retrieval.offered} more were offered`;
  const dropped = Object.entries(proposal?.dropped ?? {}).map(([code, n]) => `${n} ${code}`);
  return [
    `by the ${by}${found}`,
    ...(proposal === undefined
      ? []
      : [
          `the model added ${proposal.added} and raised ${proposal.raised}; dropped: ${dropped.join(', ') || 'nothing'}`,
        ]),
  ];
}
