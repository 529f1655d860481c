import type { VNode } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import { plainTexts, printableJson } from '../../../adapters/terminal/printable';
import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import { ENGLISH, type Texts } from '../../texts/texts';
import { verdictText } from '../../texts/verdict-text';
import { htmlText } from '../html-text';
import { groupedWarnings } from '../grouped-warnings';
import { constraintText } from '../wording/constraint-text';
import { batchesPart } from './batch-cards';
import { chainPart } from './chain-section';
import { h, list, section, tag, type Part } from './page-elements';
import { outcomePart } from './outcome-section';
import { risksPart } from './risk-cards';
import { rulesPart } from './rule-cards';
import { STYLE } from './style';

/** Nothing is loaded from anywhere, and no script runs. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const HTML_LANGUAGE: Record<Texts['language'], string> = { en: 'en', zh: 'zh-CN' };

/** The issue as one page that needs nothing else: readable on a phone, on paper, in light and dark. */
export function issueHtml(
  issue: Issue,
  texts: Texts = ENGLISH,
  outcome: Outcome | null = null,
): string {
  const plain = plainTexts(issue);
  const ended = plainTexts(outcome);
  return `<!doctype html>
<html lang="${HTML_LANGUAGE[texts.language]}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${htmlText(plain.title)}</title>
<style>${STYLE}</style></head><body>${renderToStaticMarkup(page({ plain, issue, ended }, texts))}</body></html>
`;
}

type Shown = { plain: Issue; issue: Issue; ended: Outcome | null };

function page({ plain, issue, ended }: Shown, texts: Texts): VNode {
  const { t } = texts;
  return h(
    'main',
    {},
    h('h1', {}, plain.title),
    verdictPart(plain, texts),
    texts.language === 'en' ? undefined : h('p', { class: 'soft' }, t('texts.english')),
    outcomePart(plain, ended, texts),
    batchesPart(plain, texts),
    constraintPart(plain, texts),
    rulesPart(plain, texts),
    chainPart(plain.steps[3].details, texts),
    risksPart(plain, texts),
    warningsPart(plain, texts),
    section(
      t('json.heading'),
      h(
        'details',
        { class: 'json' },
        h('summary', {}, 'JSON'),
        h('pre', { tabIndex: 0 }, printableJson(issue)),
      ),
    ),
  );
}

function verdictPart(issue: Issue, texts: Texts): VNode {
  const { t } = texts;
  const { ready, sentence, concerns } = verdictText(issue, texts);
  const { healthy, total } = issue.steps[0].details.hosts;
  const current = issue.steps[0].details.current || t('none');
  return h(
    'div',
    {},
    h('div', { class: `verdict ${ready}` }, h('strong', {}, sentence), list(concerns.slice(1))),
    h(
      'p',
      { class: 'soft' },
      [
        issue.issue_id,
        t('issue.created', { time: issue.created_at }),
        t('issue.valid', { time: issue.expires_at }),
      ].join(' · '),
    ),
    h('p', { class: 'soft' }, h('code', {}, issue.digest)),
    h(
      'ul',
      {},
      ...issue.steps.map(({ step_name: name, status, summary }) =>
        h('li', {}, `${t(`step.${name}`)}: ${summary} (${t(`status.${status}`)})`),
      ),
      h('li', {}, t('hosts.healthy', { healthy, total, current })),
    ),
  );
}

function warningsPart({ warnings }: Issue, { t }: Texts): Part {
  if (warnings.length === 0) return undefined;
  const items = groupedWarnings(warnings).map(({ step, code, messages, count }) =>
    h(
      'li',
      {},
      tag('weak', count > 1 ? `${code} (${count})` : code),
      ` ${step}: ${messages.join('; ')}`,
    ),
  );
  return section(t('warnings.heading'), h('ul', {}, ...items));
}

function constraintPart(issue: Issue, texts: Texts): Part {
  const points = constraintText(issue, texts);
  return points.length === 0 ? undefined : section(texts.t('constraint.heading'), list(points));
}
