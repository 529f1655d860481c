import type { Risk, RiskPrediction } from '../../../domain/risk';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import { ENGLISH, type Texts } from '../../texts/texts';
import { bullets, safe, table } from '../markdown-text';
import { documentsOf, planOf } from '../risk-blocks';
import { footOf } from '../risks';

/** The risks in one table, then the handling plan of each, then the facts that they cite. */
export function risksMarkdown(
  result: RiskPrediction,
  groups: readonly { name: string }[],
  texts: Texts = ENGLISH,
): string[] {
  const { risks, evidence = [] } = result.details;
  const { t, duration } = texts;
  const known = new Set(groups.map(({ name }) => name));
  return [
    `## ${t('risks.heading')}`,
    '',
    ...footOf(result).flatMap((line) => [safe(line), '']),
    ...(risks.length === 0
      ? [t('risks.none'), '']
      : table(
          [
            t('risk'),
            ...(['severity', 'likelihood', 'action', 'repair', 'watch'] as const).map((key) =>
              t(`risk.${key}`),
            ),
          ],
          risks.map(({ type, severity, likelihood, mitigation, plan, watch }) => [
            type,
            t(`severity.${severity}`),
            t(`severity.${likelihood}`),
            mitigation,
            plan === undefined ? '' : duration(parseSeconds(plan.repair_observation_time)),
            watch
              .map((name) => (known.has(name) ? name : `${name} (${t('risk.noMetric')})`))
              .join(', '),
          ]),
        )),
    ...(risks.length === 0 ? [] : [`## ${t('plans.heading')}`, '']),
    ...risks.flatMap((risk) => planMarkdown(risk, texts)),
    ...(evidence.length > 0 ? [`## ${t('evidence.heading')}`, ''] : []),
    ...(evidence.length > 0
      ? table(
          [t('evidence.fact'), t('evidence.says')],
          evidence.map(({ id, says }) => [id, says]),
        )
      : []),
  ];
}

function planMarkdown(risk: Risk, texts: Texts): string[] {
  const { type, plan, reason, evidence } = risk;
  const { t } = texts;
  const [action = ''] = planOf(risk, texts);
  return [
    `### ${safe(`${type}: ${action}`)}`,
    '',
    safe(reason),
    '',
    ...(plan?.steps ?? []).map((step, i) => `${i + 1}. ${safe(step)}`),
    ...(plan === undefined ? [] : ['']),
    ...bullets([
      ...(plan?.not_when ?? []).map((text) => `${t('risk.notWhen')}: ${text}`),
      `${t('risk.evidence')}: ${evidence.join(', ')}`,
      `${t('risk.document')}: ${documentsOf(risk)}`,
    ]),
    '',
  ];
}
