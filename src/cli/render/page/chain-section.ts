import type { VNode } from 'preact';
import type { RiskPredictionDetails } from '../../../domain/risk';
import type { Texts } from '../../texts/texts';
import { reasonsOf, share } from '../chain-labels';
import { emptyText } from '../markdown/chain-markdown';
import { chainGraph } from './chain-graph';
import { h, section } from './page-elements';

/** Rows of the table of calls; the JSON has all. */
const MAX_CALLS = 100;

/** The graph of the chain, and its calls as a table. */
export function chainPart(details: RiskPredictionDetails, texts: Texts): VNode {
  const { chain } = details;
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
      ? h('p', {}, t('chain.partial', { reasons: reasonsOf(chain, texts).join('; ') }))
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
