import type { VNode } from 'preact';
import type { Issue } from '../../../domain/issue';
import type { Rule, WatchedGroup } from '../../../domain/metrics';
import type { Texts } from '../../texts/texts';
import { ruleText } from '../wording/rule-text';
import { backtestText, missingGroups, scopeLines } from '../rule-table';
import { facts, h, list, section, tag } from './page-elements';
import { rulePlot } from './rule-plot';

/** One card a rule: what it fires on, its history with the threshold, the back-test, and its expressions. */
export function rulesPart({ steps: [, { details }, , risks] }: Issue, texts: Texts): VNode {
  const { t } = texts;
  const whole = backtestText(details, texts);
  const cards = details.metrics.flatMap((group) =>
    group.rules.map((rule, i) => ruleCard(group, rule, { threshold: group.thresholds[i], texts })),
  );
  return section(
    t('rules.heading'),
    list([
      ...scopeLines(details, texts),
      ...missingGroups(details, risks.details.risks, texts),
      ...(whole === undefined ? [] : [whole]),
    ]),
    h('div', { class: 'cards' }, ...cards),
  );
}

function ruleCard(
  group: WatchedGroup,
  rule: Rule,
  { threshold, texts }: { threshold: string | undefined; texts: Texts },
): VNode {
  const { t } = texts;
  const text = ruleText(rule, threshold, texts);
  const plot = rulePlot(rule, text.fires, texts);
  const { windows, fired } = rule.backtest;
  return h(
    'article',
    { class: 'card' },
    h(
      'div',
      { class: 'head' },
      h('h3', {}, `${group.name}: ${text.metric}`),
      tag(rule.judgeable, text.judged),
    ),
    text.remedy === undefined ? undefined : h('p', { class: rule.judgeable }, text.remedy),
    plot ?? h('p', { class: 'soft' }, t('rule.noHistory')),
    facts([
      [t('rule.fires'), `${text.fires}, ${t('rule.for')} ${text.hold}`],
      [t('rule.usual'), `${text.usual} (${t('rule.samples', { count: rule.baseline.samples })})`],
      [t('rule.backtest'), t('rule.backtest.long', { fired, windows })],
      [t('rule.source'), text.source],
      [t('rule.relative.name'), text.relative],
    ]),
    h(
      'details',
      {},
      h('summary', {}, t('rule.expr')),
      h('p', {}, h('code', {}, text.expr)),
      ...text.relativeBatches.map(({ id, expr }) =>
        h('p', {}, `${t('rule.batch', { id })}: `, h('code', {}, expr)),
      ),
    ),
  );
}
