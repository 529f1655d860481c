import type { ComponentChildren, VNode } from 'preact';
import { h } from './element';
import type { Issue } from '../../../domain/issue';
import type { Risk, RiskPredictionDetails } from '../../../domain/risk';
import type { Texts } from '../../texts/texts';
import { batchText, totalText } from '../batch-text';
import { reasonsOf, share } from '../chain-labels';
import { emptyText } from '../markdown/chain-markdown';
import { documentsOf, planOf } from '../risk-blocks';
import { footOf } from '../risks';
import { chainGraph } from './chain-graph';
import { timeline } from './timeline';

export type Part = VNode | undefined;

export const section = (title: string, ...children: ComponentChildren[]): VNode =>
  h('section', {}, h('h2', {}, title), ...children);

export const list = (items: readonly string[]): Part =>
  items.length === 0 ? undefined : h('ul', {}, ...items.map((item) => h('li', {}, item)));

/** Names and values; values that are empty are left out. */
export const facts = (pairs: readonly [string, ComponentChildren][]): VNode =>
  h(
    'dl',
    {},
    ...pairs
      .filter(([, value]) => value !== undefined && value !== '')
      .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );

export const tag = (kind: string, text: string): VNode => h('span', { class: `tag ${kind}` }, text);

/** Hosts that a card names; the JSON has all. */
const MAX_HOSTS = 40;

/** The timeline, then one card a batch with its verdict. */
export function batchesPart(
  { steps: [, { details: metrics }, { details }] }: Issue,
  texts: Texts,
): VNode {
  const strategy = details.gray_strategy;
  const { t } = texts;
  const cards = strategy.batches.map((batch) => {
    const options = { texts, metrics, maxHosts: MAX_HOSTS };
    const { hosts, observe, repair, judged, rules, why } = batchText(batch, options);
    return h(
      'article',
      { class: 'card' },
      h(
        'div',
        { class: 'head' },
        h('h3', {}, t('batch.title', { id: batch.batch_id })),
        batch.judgement && tag(batch.judgement.by, `${t('batch.judged')}: ${judged}`),
      ),
      facts([
        [t('batch.hosts'), hosts],
        [t('batch.observe'), observe],
        [t('batch.repair'), repair],
        [t('batch.rules'), rules],
        [t('batch.why'), why],
      ]),
    );
  });
  const excluded = strategy.excluded_hosts.map(({ host_id: host, reason }) =>
    t('plan.excluded', { host, reason }),
  );
  return section(
    t('batches.heading'),
    h('p', {}, totalText(strategy, texts)),
    h('p', { class: 'soft' }, t('plan.timeline')),
    timeline(strategy, texts),
    h('div', { class: 'cards' }, ...cards),
    list([...strategy.notes, ...excluded]),
  );
}

/** Rows of the table of calls; the JSON has all. */
const MAX_CALLS = 100;

/** The graph of the chain, and its calls as a table. */
export function chainPart(details: RiskPredictionDetails, texts: Texts): VNode {
  const { service, chain } = details;
  const { t } = texts;
  const graph = chainGraph(details, texts);
  const keys = ['caller', 'callee', 'via', 'count', 'failed'] as const;
  const rows = chain.edges
    .slice(0, MAX_CALLS)
    .map(({ caller, callee, via, systems = [], calls, errors }) =>
      h(
        'tr',
        {},
        ...[
          caller,
          callee,
          [via, ...systems].join(' '),
          calls.toLocaleString('en-US'),
          errors === null ? '–' : share(errors, calls),
        ].map((cell) => h('td', {}, cell)),
      ),
    );
  const more = chain.edges.length - rows.length;
  return section(
    t('chain.heading'),
    graph === undefined
      ? h('p', {}, emptyText(chain.status, t))
      : h(
          'div',
          { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': t('chain.heading') },
          graph,
        ),
    chain.status === 'partial'
      ? h(
          'p',
          {},
          t('chain.partial', { reasons: reasonsOf({ service, nodes: [], ...chain }).join('; ') }),
        )
      : undefined,
    rows.length === 0
      ? undefined
      : h(
          'details',
          {},
          h('summary', {}, t('chain.table')),
          h(
            'table',
            {},
            h(
              'thead',
              {},
              h('tr', {}, ...keys.map((key) => h('th', { scope: 'col' }, t(`chain.${key}`)))),
            ),
            h('tbody', {}, ...rows),
          ),
        ),
    more > 0 ? h('p', { class: 'soft' }, t('chain.more', { count: more })) : undefined,
  );
}

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
