import Table from 'cli-table3';
import colors from 'picocolors';
import type { Risk, RiskPrediction } from '../domain/risk';
import type { StepOutcome } from '../domain/step-result';

const COLOUR: Record<Risk['severity'], (text: string) => string> = {
  critical: colors.red,
  high: colors.yellow,
  medium: (text) => text,
  low: colors.dim,
};

/** The risks for people at a terminal: what, how bad, what to do about it, why it is expected and where it stands. */
export function renderRisks({ result, warnings }: StepOutcome<RiskPrediction>): string {
  const { risks, service } = result.details;
  const table = new Table({
    head: ['risk', 'severity', 'likelihood', 'plan', 'because', 'document'].map(colors.bold),
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [null, null, null, 38, 52, null],
  });
  table.push(
    ...risks.map((risk) => [
      risk.type,
      COLOUR[risk.severity](risk.severity),
      risk.likelihood,
      planOf(risk),
      `${risk.reason}\n${risk.evidence.join(' ')}`,
      risk.knowledge.join('\n'),
    ]),
  );
  return [
    `${colors.bold(service)}: ${result.summary}`,
    ...footOf(result),
    table.toString(),
    ...warnings.map(({ code, message }) => `${colors.yellow('!')} ${code}: ${message}`),
  ].join('\n');
}

const planOf = ({ mitigation, plan }: Risk): string =>
  [
    `${mitigation}${plan === undefined ? '' : `, then look for ${plan.repair_observation_time}`}`,
    ...(plan?.steps.map((step, i) => `${i + 1}. ${step}`) ?? []),
    ...(plan?.not_when.map((reason) => `not when: ${reason}`) ?? []),
  ].join('\n');

/** How they were found. */
function footOf({ details }: RiskPrediction): string[] {
  const { retrieval, proposal, reasoning } = details;
  const by =
    reasoning.mode === 'model' ? `knowledge base and ${reasoning.model}` : 'knowledge base';
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
