import type { Issue } from '../../../domain/issue';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import { ENGLISH, type Texts } from '../../texts/texts';
import { verdictText } from '../../texts/verdict-text';
import { bullets, safe, table } from '../markdown-text';
import { groupedWarnings } from '../grouped-warnings';
import { planMarkdown } from './plan-markdown';
import { risksMarkdown } from './risks-markdown';
import { rulesMarkdown } from './rules-markdown';

/** GitHub refuses a longer comment; GitLab takes more. */
const MAX_COMMENT = 65_536;
const MAX_CONCERNS = 10;
/** Rules times hosts for which a comment says how many rules see each batch. */
const MAX_COMPARED = 100_000;
/** What a comment ends with, so that a bot finds the one that it wrote before. */
const MARK = '<!-- release-prep -->';

const SIGN = { yes: '✅', with_care: '⚠️', no: '⛔' } as const;

/** The verdict of an issue as a comment on a pull request: what to know first, the rest folded, and never too long. */
export function commentMarkdown(issue: Issue, texts: Texts = ENGLISH): string {
  const { ready, sentence, concerns } = verdictText(issue, texts);
  const { batches } = issue.steps[2].details.gray_strategy;
  const shown = concerns.slice(1, MAX_CONCERNS + 1);
  const head = [
    `### ${SIGN[ready]} ${safe(cut(sentence, 1_000))}`,
    '',
    safe(cut(`${issue.service} ${issue.candidate}`, 400)),
    '',
    ...bullets(shown.map((text) => cut(text, 500))),
    ...(concerns.length - 1 > shown.length ? [`- ${concerns.length - 1 - shown.length} more`] : []),
    '',
    ...table(
      ['', texts.t('batch.hosts'), texts.t('batch.observe')],
      batches
        .slice(0, MAX_CONCERNS)
        .map(({ batch_id: id, hosts, observation_time: time }) => [
          String(id),
          String(hosts.length),
          texts.duration(parseSeconds(time)),
        ]),
    ),
    ...(batches.length > MAX_CONCERNS ? [`${batches.length - MAX_CONCERNS} more batches`, ''] : []),
  ].join('\n');
  const foot = [
    safe(
      `${issue.issue_id}, ${texts.t('issue.valid', { time: issue.expires_at })}, ${issue.digest}`,
    ),
    MARK,
    '',
  ].join('\n');
  return `${head}\n${foldedIn(MAX_COMMENT - head.length - foot.length - 2, partsOf(issue, texts))}\n${foot}`;
}

type Part = { title: string; body: string };

function partsOf(issue: Issue, texts: Texts): Part[] {
  const [, metrics, plan, risks] = issue.steps;
  const { t } = texts;
  const strategy = plan.details.gray_strategy;
  const rules = metrics.details.metrics.reduce((sum, group) => sum + group.rules.length, 0);
  const hosts = strategy.batches.reduce((sum, batch) => sum + batch.hosts.length, 0);
  return [
    {
      title: t('batches.heading'),
      body: planMarkdown(
        strategy,
        texts,
        rules * hosts <= MAX_COMPARED ? metrics.details : undefined,
      ).join('\n'),
    },
    {
      title: t('rules.heading'),
      body: rulesMarkdown(metrics.details, risks.details.risks, texts).join('\n'),
    },
    {
      title: t('risks.heading'),
      body: risksMarkdown(risks, metrics.details.metrics, texts).join('\n'),
    },
    {
      title: t('warnings.heading'),
      body: bullets(
        groupedWarnings(issue.warnings).map(
          ({ step, code, messages }) => `${step} ${code}: ${messages.join('; ')}`,
        ),
      ).join('\n'),
    },
  ].filter(({ body }) => body.trim() !== '');
}

/** Parts that fit, folded; those that do not are named. */
function foldedIn(room: number, parts: readonly Part[]): string {
  let left = room;
  return parts
    .map(({ title, body }) => {
      const whole = `<details><summary>${safe(title)}</summary>\n\n${body}\n\n</details>\n`;
      const short = `${safe(title)}: ${body.length} characters, too long for a comment (release-prep show)\n`;
      // Room for the short forms of all other parts stays.
      const text = whole.length + parts.length * 200 <= left ? whole : short;
      left -= text.length + 1;
      return text;
    })
    .join('\n');
}

const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${[...text].slice(0, max - 1).join('')}…`;
