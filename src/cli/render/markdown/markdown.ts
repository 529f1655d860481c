import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import { ENGLISH, type Texts } from '../../texts/texts';
import { verdictText } from '../../texts/verdict-text';
import { chainMarkdown } from './chain-markdown';
import { risksMarkdown } from './risks-markdown';
import { bullets, safe, table } from '../markdown-text';
import { outcomeMarkdown } from './outcome-markdown';
import { planMarkdown } from './plan-markdown';
import { rulesMarkdown } from './rules-markdown';
import { groupedWarnings } from '../grouped-warnings';
import { constraintText } from '../wording/constraint-text';

/** The issue as a document: the verdict first, then how its release went if it has ended, then each part. */
export function issueMarkdown(
  issue: Issue,
  texts: Texts = ENGLISH,
  outcome: Outcome | null = null,
): string {
  const [version, metrics, plan, risks] = issue.steps;
  const { t } = texts;
  const { sentence, concerns } = verdictText(issue, texts);
  const { healthy, total } = version.details.hosts;
  const current = version.details.current || t('none');
  return [
    `# ${safe(issue.title)}`,
    '',
    `**${safe(sentence)}**`,
    '',
    ...bullets(concerns.slice(1)),
    '',
    safe(
      [
        issue.issue_id,
        t('issue.created', { time: issue.created_at }),
        t('issue.valid', { time: issue.expires_at }),
      ].join(', '),
    ),
    '',
    safe(issue.digest),
    '',
    ...(texts.language === 'en' ? [] : [safe(t('texts.english')), '']),
    ...table(
      [t('steps.step'), t('steps.status'), t('steps.summary')],
      issue.steps.map(({ step_name: name, status, summary }) => [
        t(`step.${name}`),
        t(`status.${status}`),
        summary,
      ]),
    ),
    safe(t('hosts.healthy', { healthy, total, current })),
    '',
    ...outcomeMarkdown(issue, outcome, texts),
    `## ${t('batches.heading')}`,
    '',
    ...planMarkdown(plan.details.gray_strategy, texts, metrics.details),
    ...constraintMarkdown(issue, texts),
    ...rulesMarkdown(metrics.details, risks.details.risks, texts),
    ...chainMarkdown(risks.details, texts),
    ...risksMarkdown(risks, metrics.details.metrics, texts),
    ...(issue.warnings.length > 0 ? [`## ${t('warnings.heading')}`, ''] : []),
    ...bullets(
      groupedWarnings(issue.warnings).map(({ step, code, messages, count }) => {
        const number = count > 1 ? ` (${count})` : '';
        return `${step} ${code}${number}: ${messages.join('; ')}`;
      }),
    ),
    '',
  ].join('\n');
}

function constraintMarkdown(issue: Issue, texts: Texts): string[] {
  const points = constraintText(issue, texts);
  if (points.length === 0) return [];
  return [`## ${texts.t('constraint.heading')}`, '', ...bullets(points), ''];
}
