import Table from 'cli-table3';
import { colours as colors } from '../../adapters/terminal/colours';
import type { Issue, IssueSummary } from '../../domain/issue';
import { PROGRAM } from '../invocation';
import { riskBlocks, SEVERITY_COLOUR } from './risk-blocks';

const MARK = { success: colors.green('✓'), warning: colors.yellow('!'), failed: colors.red('✗') };
const plain = { head: [], border: [], compact: true };
export const table = (head: string[], rows: string[][]): string => {
  const drawn = new Table({
    head: head.map((name) => colors.bold(name)),
    style: plain,
    wordWrap: true,
  });
  drawn.push(...rows);
  return drawn.toString();
};

/** Hosts named per batch; a large batch is counted. */
const MAX_HOSTS = 8;

/**
 * The issue for people at a terminal, with the handling plans of so many risks, the worst first; `more` is the command
 * that shows the others.
 */
export function renderIssue(
  issue: Issue,
  plans = Infinity,
  more = `${PROGRAM} show ${issue.issue_id}`,
): string {
  const [version, metrics, plan, risks] = issue.steps;
  return [
    colors.bold(issue.title),
    `${issue.issue_id}  valid until ${issue.expires_at}`,
    issue.digest,
    '',
    ...issue.steps.map((step) => `${MARK[step.status]} ${step.step_name}: ${step.summary}`),
    `  ${version.details.hosts.healthy} of ${version.details.hosts.total} hosts healthy, current version ${version.details.current || 'none'}`,
    '',
    table(
      ['batch', 'hosts', 'observe', 'after repair'],
      plan.details.gray_strategy.batches.map((batch) => [
        String(batch.batch_id),
        listed(batch.hosts.map(({ host_id }) => host_id)),
        batch.observation_time,
        batch.repair_observation_time,
      ]),
    ),
    table(
      ['group', 'metric', 'threshold', 'for', 'judged', 'source'],
      metrics.details.metrics.flatMap((group) =>
        group.rules.map((rule, i) => [
          group.name,
          rule.candidate,
          `${rule.op} ${group.thresholds[i] ?? rule.threshold}`,
          rule.for,
          rule.judgeable,
          rule.source,
        ]),
      ),
    ),
    table(
      ['risk', 'severity', 'likelihood', 'action', 'after repair', 'watch'],
      risks.details.risks.map((risk) => [
        risk.type,
        SEVERITY_COLOUR[risk.severity](risk.severity),
        risk.likelihood,
        risk.mitigation,
        risk.plan?.repair_observation_time ?? '',
        risk.watch.join(', '),
      ]),
    ),
    ...faultPlans(issue, plans, more),
    ...issue.warnings.map(
      (warning) => `${MARK.warning} ${warning.step_name} ${warning.code}: ${warning.message}`,
    ),
  ].join('\n');
}

function faultPlans({ steps: [, , , { details }] }: Issue, plans: number, more: string): string[] {
  const others = details.risks.length - plans;
  return [
    '',
    colors.bold('Fault plans'),
    '',
    ...riskBlocks(details.risks.slice(0, plans), details.evidence ?? []),
    ...(others > 0 ? [`${others} more: ${more}`, ''] : []),
  ];
}

const listed = (names: string[]): string =>
  names.length <= MAX_HOSTS
    ? names.join(' ')
    : `${names.slice(0, MAX_HOSTS).join(' ')} … ${names.length} hosts`;

export const renderList = (issues: IssueSummary[]): string =>
  issues.length === 0
    ? 'no issues'
    : table(
        ['issue', 'service', 'version', 'revision', 'created', 'warnings'],
        issues.map((issue) => [
          issue.issue_id,
          issue.service,
          issue.candidate,
          String(issue.revision),
          issue.created_at,
          String(issue.warnings),
        ]),
      );
