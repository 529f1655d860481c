import type { MetricAnalysisDetails } from '../../../domain/metrics';
import { timelineOf } from '../../../steps/release-plan/plan-timeline';
import { ENGLISH, type Texts } from '../../texts/texts';
import { batchText, totalText, type Strategy } from '../wording/batch-text';
import { bullets, codeBlock, safe, table } from '../markdown-text';
import { mermaidText } from '../mermaid-text';
import type { PlanView } from '../plan';

/** A Mermaid gantt chart: paste it where Mermaid is drawn. Times count from the beginning of the release. */
export function planAsMermaid({ result }: PlanView): string {
  const { batches } = result.details.gray_strategy;
  const tasks = timelineOf(batches, new Date(0)).map(({ batch_id, from, until }, index) => {
    const hosts = batches[index]?.hosts.length ?? 0;
    const at = (date: Date) => String(Math.floor(date.getTime() / 1000));
    return `  batch ${batch_id} on ${hosts} host${hosts === 1 ? '' : 's'} : b${batch_id}, ${at(from)}, ${at(until)}`;
  });
  return [
    'gantt',
    `  title Gray release of ${mermaidText(result.details.service)}`,
    '  dateFormat X',
    '  axisFormat %H:%M',
    ...tasks,
  ].join('\n');
}

/** The plan as a Markdown table with its gantt chart. */
export function planAsMarkdown(view: PlanView): string {
  const { gray_strategy: strategy, service } = view.result.details;
  return [
    `## Gray plan of ${safe(service)}`,
    '',
    ...planMarkdown(strategy, ENGLISH),
    ...codeBlock('mermaid', planAsMermaid(view)),
  ].join('\n');
}

/** Most hosts of a batch that a document names. */
const MAX_HOSTS = 200;

/** The batches with their verdicts, notes, and the hosts that are left out. */
export function planMarkdown(
  strategy: Strategy,
  texts: Texts,
  metrics?: MetricAnalysisDetails,
): string[] {
  const { t } = texts;
  const head = ['', '.hosts', '.observe', '.repair', '.judged', '.rules', '.why'] as const;
  return [
    safe(totalText(strategy, texts)),
    '',
    ...table(
      head.map((key) => t(`batch${key}`)),
      strategy.batches.map((batch) => {
        const { id, hosts, observe, repair, judged, rules, why } = batchText(batch, {
          texts,
          metrics,
          maxHosts: MAX_HOSTS,
        });
        return [id, hosts, observe, repair, judged, rules, why];
      }),
    ),
    ...bullets([
      ...strategy.notes,
      ...strategy.excluded_hosts.map(({ host_id: host, reason }) =>
        t('plan.excluded', { host, reason }),
      ),
    ]),
    '',
  ];
}
