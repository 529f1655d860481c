import { colours as colors } from '../../adapters/terminal/colours';
import type { Issue, IssueSummary } from '../../domain/issue';
import type { Outcome } from '../../domain/records/outcome';
import type { Risk, RiskPrediction } from '../../domain/risk';
import type { ChainNode } from '../../domain/service-chain';
import { parseSeconds } from '../../steps/text/parse-seconds';
import { PROGRAM } from '../invocation';
import { renderChain, type ChainStyle } from './chain';
import { planLines } from './plan';
import { outcomeLines } from './release/outcome';
import { riskBlocks, SEVERITY_COLOUR } from './risk-blocks';
import { metricNotes, ruleLines } from './rule-table';
import { table } from './layout/table';
import { plainText } from '../../adapters/terminal/printable';
import { verdictLines } from './verdict-lines';
import { tableStyle, terminalView, type View } from './layout/terminal-view';
import { warningLines } from './grouped-warnings';
import { wrapHard } from './layout/wrap-hard';
import { constraintText } from './wording/constraint-text';

const MARK = { success: colors.green('✓'), warning: colors.yellow('!'), failed: colors.red('✗') };

export type IssueOptions = {
  view?: View;
  /** The handling plans of so many risks, the worst first. */
  plans?: number;
  /** The command that shows the others. */
  more?: string;
  /** How its release went, if it has ended. */
  outcome?: Outcome | null;
};

/** The issue for people at a terminal, the verdict first. */
export function renderIssue(
  issue: Issue,
  {
    view = terminalView(),
    plans = Infinity,
    more = `${PROGRAM} show ${issue.issue_id}`,
    outcome = null,
  }: IssueOptions = {},
): string {
  const [version, metrics, plan, risks] = issue.steps;
  const { t } = view.texts;
  const heading = (text: string) => ['', colors.bold(text)];
  const { healthy, total } = version.details.hosts;
  const current = version.details.current || t('none');
  const valid = t('issue.valid', { time: issue.expires_at });
  return [
    ...lines([issue.title], view).map((line) => colors.bold(line)),
    ...verdictLines(issue, view),
    '',
    ...lines([`${issue.issue_id}  ${valid}`, issue.digest], view),
    ...issue.steps.flatMap(({ status, step_name: name, summary }) =>
      wrapHard(plainText(`✓ ${t(`step.${name}`)}: ${summary}`), view.width).map((line, i) =>
        i === 0 ? line.replace('✓', MARK[status]) : `  ${line}`,
      ),
    ),
    ...lines([`  ${t('hosts.healthy', { healthy, total, current })}`], view),
    ...(outcome === null ? [] : ['', ...outcomeLines(issue, outcome, view)]),
    ...heading(t('batches.heading')),
    ...planLines(plan.details.gray_strategy, view, metrics.details),
    ...constraintLines(issue, view),
    ...heading(t('rules.heading')),
    ...ruleLines(metrics.details, view),
    ...metricNotes(metrics.details, risks.details.risks, view),
    ...heading(t('chain.heading')),
    ...chainLines(risks.details, view),
    ...heading(t('risks.heading')),
    riskTable(risks.details.risks, metrics.details.metrics, view),
    ...faultPlans(issue, { plans, more, view }),
    ...(issue.warnings.length > 0 ? [colors.bold(t('warnings.heading'))] : []),
    ...warningLines(issue.warnings, view),
    ...(view.texts.language === 'en' ? [] : ['', ...lines([t('texts.english')], view)]),
  ].join('\n');
}

const lines = (texts: readonly string[], { width }: View): string[] =>
  texts.flatMap((text) => wrapHard(plainText(text), width));

function constraintLines(issue: Issue, view: View): string[] {
  const texts = constraintText(issue, view.texts).map((text) => `- ${text}`);
  if (texts.length === 0) return [];
  return ['', colors.bold(view.texts.t('constraint.heading')), ...lines(texts, view)];
}

/** Lines of each direction: an issue is read as a whole. */
const CHAIN_LINES = 12;

function chainLines({ service, chain }: RiskPrediction['details'], view: View): string[] {
  const style: ChainStyle = { width: view.width, limit: CHAIN_LINES, colors, texts: view.texts };
  return [
    renderChain({ service, ...chain, nodes: chain.nodes ?? unplaced(service, chain) }, style),
  ];
}

/** Issues of earlier versions name the stores in edges alone. */
function unplaced(service: string, chain: RiskPrediction['details']['chain']): ChainNode[] {
  const placed = [...chain.upstream, ...chain.downstream].map((member) => member.service);
  const known = new Set([service, ...placed]);
  const ends = new Set(chain.edges.flatMap(({ caller, callee }) => [caller, callee]));
  return [...ends].filter((id) => !known.has(id)).map((id) => ({ id, kind: 'external' as const }));
}

function riskTable(
  risks: readonly Risk[],
  groups: readonly { name: string }[],
  view: View,
): string {
  const { t, duration } = view.texts;
  if (risks.length === 0) return t('risks.none');
  const known = new Set(groups.map(({ name }) => name));
  return table(
    [
      { head: t('risk') },
      { head: t('risk.severity') },
      { head: t('risk.likelihood') },
      { head: t('risk.action'), moves: 1 },
      { head: t('risk.repair'), moves: 2 },
      { head: t('risk.watch'), wraps: true },
    ],
    risks.map(({ type, severity, likelihood, mitigation, plan, watch }) => ({
      cells: [
        plainText(type),
        { text: t(`severity.${severity}`), paint: SEVERITY_COLOUR[severity] },
        t(`severity.${likelihood}`),
        mitigation,
        plan === undefined ? '' : duration(parseSeconds(plan.repair_observation_time)),
        watch
          .map((name) => plainText(known.has(name) ? name : `${name} (${t('risk.noMetric')})`))
          .join(', '),
      ],
    })),
    tableStyle(view),
  );
}

function faultPlans(
  { steps: [, , , { details }] }: Issue,
  { plans, more, view }: Required<Omit<IssueOptions, 'outcome'>>,
): string[] {
  const { t } = view.texts;
  const others = details.risks.length - plans;
  return [
    '',
    colors.bold(t('plans.heading')),
    '',
    ...riskBlocks(details.risks.slice(0, plans), details.evidence ?? [], view),
    ...(others > 0 ? [t('plans.more', { count: others, command: more }), ''] : []),
  ];
}

/** Recorded issues: a table on a terminal; in a pipe one issue a line, tab-separated and without a head. */
export function renderList(issues: readonly IssueSummary[], view = terminalView()): string {
  const { t } = view.texts;
  const rows = issues.map((issue) =>
    [
      issue.issue_id,
      issue.service,
      issue.candidate,
      String(issue.revision),
      issue.created_at,
      String(issue.warnings),
    ].map(plainText),
  );
  if (!Number.isFinite(view.width)) return rows.map((cells) => cells.join('\t')).join('\n');
  if (issues.length === 0) return t('list.none');
  return table(
    [
      { head: t('list.issue') },
      { head: t('list.service'), moves: 4 },
      { head: t('list.version'), moves: 3 },
      { head: t('list.revision'), moves: 2 },
      { head: t('list.created'), moves: 1 },
      { head: t('list.warnings') },
    ],
    rows.map((cells) => ({ cells })),
    tableStyle(view),
  );
}
