import type { Risk, RiskPrediction } from '../../domain/risk';
import { bullets, safe, table } from './markdown-text';
import { footOf } from './risks';
import { documentsOf } from './risk-blocks';

/** The risks in one table, then the handling plan of each, then the facts that they cite. */
export function risksMarkdown(result: RiskPrediction): string[] {
  const { risks, evidence = [] } = result.details;
  return [
    '## Risks',
    '',
    ...footOf(result).flatMap((line) => [safe(line), '']),
    ...table(
      ['risk', 'severity', 'likelihood', 'action', 'observe after repair', 'watch'],
      risks.map((risk) => [
        risk.type,
        risk.severity,
        risk.likelihood,
        risk.mitigation,
        risk.plan?.repair_observation_time ?? '',
        risk.watch.join(', '),
      ]),
    ),
    '## Fault plans',
    '',
    ...risks.flatMap(planOf),
    ...(evidence.length > 0 ? ['## Evidence of the risks', ''] : []),
    ...(evidence.length > 0
      ? table(
          ['fact', 'says'],
          evidence.map(({ id, says }) => [id, says]),
        )
      : []),
  ];
}

function planOf(risk: Risk): string[] {
  const { type, mitigation, plan, reason, evidence } = risk;
  const observed = plan === undefined ? '' : `, then observe for ${plan.repair_observation_time}`;
  return [
    `### ${safe(`${type}: ${mitigation}${observed}`)}`,
    '',
    safe(reason),
    '',
    ...(plan?.steps ?? []).map((step, i) => `${i + 1}. ${safe(step)}`),
    ...(plan === undefined ? [] : ['']),
    ...bullets((plan?.not_when ?? []).map((text) => `Not when: ${text}`)),
    ...bullets([`Evidence: ${evidence.join(', ')}`, `Document: ${documentsOf(risk)}`]),
    '',
  ];
}
