import { Marked } from 'marked';
import type { Issue } from '../../domain/issue';
import { risksMarkdown } from './markdown-risks';
import { htmlText } from './html-text';
import { bullets, safe, table } from './markdown-text';

/** The issue as a document. */
export function issueMarkdown(issue: Issue): string {
  const [, metrics, plan, risks] = issue.steps;
  return [
    `# ${safe(issue.title)}`,
    '',
    `Issue ${safe(issue.issue_id)}, created ${issue.created_at}, valid until ${issue.expires_at}`,
    '',
    `Digest ${issue.digest}`,
    '',
    ...table(
      ['step', 'status', 'summary'],
      issue.steps.map((step) => [step.step_name, step.status, step.summary]),
    ),
    '## Batches',
    '',
    ...table(
      ['batch', 'hosts', 'observation', 'after repair', 'why'],
      plan.details.gray_strategy.batches.map((batch) => [
        String(batch.batch_id),
        batch.hosts.map(({ host_id }) => host_id).join(' '),
        batch.observation_time,
        batch.repair_observation_time,
        batch.reason,
      ]),
    ),
    '## Metrics',
    '',
    ...table(
      ['group', 'metric', 'threshold', 'for', 'judgeable', 'expression'],
      metrics.details.metrics.flatMap((group) =>
        group.rules.map((rule, i) => [
          group.name,
          rule.candidate,
          `${rule.op} ${group.thresholds[i] ?? ''}`,
          rule.for,
          rule.judgeable,
          rule.expr,
        ]),
      ),
    ),
    ...bullets((metrics.details.unwatched ?? []).map((words) => `not watched: ${words}`)),
    ...risksMarkdown(risks),
    ...(issue.warnings.length > 0 ? ['## Warnings', ''] : []),
    ...bullets(
      issue.warnings.map(({ step_name: step, code, message }) => `${step} ${code}: ${message}`),
    ),
    '',
  ].join('\n');
}

/** Addresses in texts from outside stay text: nobody is led anywhere by an issue. */
const marked = new Marked({ tokenizer: { url: () => undefined, autolink: () => undefined } });

/** A page by itself: no script, nothing loaded from elsewhere. */
export const issueHtml = (issue: Issue): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${htmlText(issue.issue_id)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}h3{margin:1.4rem 0 .3rem}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;overflow-wrap:anywhere}</style>
</head><body>
${marked.parse(issueMarkdown(issue), { async: false })}
</body></html>`;
