import type { VNode } from 'preact';
import type { Issue } from '../../../domain/issue';
import type { Texts } from '../../texts/texts';
import { batchText, totalText } from '../wording/batch-text';
import { facts, h, list, section, tag } from './page-elements';
import { timeline } from './timeline';

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
