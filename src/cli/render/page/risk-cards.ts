import type { VNode } from 'preact';
import type { Issue } from '../../../domain/issue';
import type { Risk } from '../../../domain/risk';
import type { Texts } from '../../texts/texts';
import { documentsOf, planOf } from '../risk-blocks';
import { footOf } from '../risks';
import { facts, h, list, section, tag } from './page-elements';

/** One card a risk: how bad, why, and the plan; what it watches without a metric is marked. */
export function risksPart(
  { steps: [, { details: metrics }, , result] }: Issue,
  texts: Texts,
): VNode {
  const { risks } = result.details;
  const { t } = texts;
  const known = new Set(metrics.metrics.map(({ name }) => name));
  const says = new Map((result.details.evidence ?? []).map(({ id, says: text }) => [id, text]));
  return section(
    t('risks.heading'),
    ...footOf(result).map((line) => h('p', { class: 'soft' }, line)),
    risks.length === 0
      ? h('p', {}, t('risks.none'))
      : h(
          'div',
          { class: 'cards' },
          ...risks.map((risk) => riskCard(risk, { known, says, texts })),
        ),
  );
}

type RiskFacts = { known: ReadonlySet<string>; says: ReadonlyMap<string, string>; texts: Texts };

function riskCard(risk: Risk, { known, says, texts }: RiskFacts): VNode {
  const { t } = texts;
  const [action = '', ...steps] = planOf(risk, texts);
  const level = t('risk.level', {
    severity: t(`severity.${risk.severity}`),
    likelihood: t(`severity.${risk.likelihood}`),
  });
  const watch = risk.watch.map((name) =>
    known.has(name) ? name : `${name} (${t('risk.noMetric')})`,
  );
  const evidence = risk.evidence.map((id) => (says.has(id) ? `${id}: ${says.get(id)}` : id));
  return h(
    'article',
    { class: 'card' },
    h('div', { class: 'head' }, h('h3', {}, risk.type), tag(risk.severity, level)),
    h('p', {}, risk.reason),
    facts([
      [t('risk.action'), action],
      [t('risk.watch'), watch.join(', ')],
    ]),
    h(
      'details',
      {},
      h('summary', {}, t('risk.plan')),
      steps.length === 0
        ? undefined
        : h('ol', {}, ...steps.map((step) => h('li', {}, step.replace(/^\d+\. /, '')))),
      facts([
        [t('risk.notWhen'), (risk.plan?.not_when ?? []).join('; ')],
        [t('risk.evidence'), list(evidence)],
        [t('risk.document'), documentsOf(risk)],
      ]),
    ),
  );
}
