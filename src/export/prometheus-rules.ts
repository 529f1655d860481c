import type { BreachAnswer } from '../domain/constraint';
import { cleanText } from '../steps/text/sanitize-text';
import { breachOf, noDataOf } from './rule-conditions';
import type { ExportFacts, ExportRule } from './export-facts';

export type AlertRule = {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
};
export type AlertGroup = { name: string; interval: string; rules: AlertRule[] };

/** Rules of a release are sampled at least this often. */
const INTERVAL = '15s';
/** Absence shorter than this is a restart or a missed scrape. */
const NO_DATA_FOR = '60s';
const MAX_TEXT = 500;

/** Rules of a group are evaluated one after the other; the objects of the operator have a bound too. */
const MAX_GROUP = 256 * 1024;

/** Alerts for every rule that can be judged, its twin for missing data, and the comparisons of each batch. */
export function alertGroups(facts: ExportFacts): AlertGroup[] {
  const byTitle = new Map<string, ExportRule[]>();
  for (const rule of facts.rules) {
    const rules = byTitle.get(titleOf(rule));
    if (rules === undefined) byTitle.set(titleOf(rule), [rule]);
    else rules.push(rule);
  }
  const ids = new Set<string>();
  return [...byTitle]
    .flatMap(([title, rules]) =>
      inChunks(
        rules.map((rule) => alertsOf(facts, rule, ids)),
        MAX_GROUP,
      ).map((alerts) => ({ title, rules: alerts.flat() })),
    )
    .map(({ title, rules }, index) => ({
      // Numbered: titles may differ in hidden characters alone.
      name: `${facts.issueId} ${index + 1} ${cleanText(title)}`,
      interval: INTERVAL,
      rules,
    }));
}

/** Cuts a list where its JSON grows beyond a number of characters. */
export function inChunks<Item>(items: readonly Item[], max: number): Item[][] {
  const chunks: Item[][] = [];
  let size = Infinity;
  for (const item of items) {
    const { length } = JSON.stringify(item);
    if (size + length > max) {
      chunks.push([]);
      size = 0;
    }
    chunks[chunks.length - 1]?.push(item);
    size += length;
  }
  return chunks;
}

const titleOf = ({ group, beside }: ExportRule): string => {
  if (beside === undefined) return group;
  return beside.kind === 'hosts' ? `${group} of hosts` : `${group} of ${beside.service}`;
};

function alertsOf(facts: ExportFacts, rule: ExportRule, ids: Set<string>): AlertRule[] {
  // Alerts of one name need different labels; rules of an old issue may share an id.
  let id = rule.id;
  for (let count = 2; ids.has(id); count += 1) id = `${rule.id}#${count}`;
  ids.add(id);
  const labels = {
    service: asText(facts.service),
    version: asText(facts.version),
    issue_id: asText(facts.issueId),
    rule_id: asText(id),
    severity: rule.severity,
    gates: String(rule.gates),
  };
  const limit = `${rule.op} ${rule.threshold}`;
  const name = cleanText(`${rule.candidate} (${titleOf(rule)})`);
  const common = {
    digest: facts.digest,
    limit: `${limit} for ${rule.forSeconds}s`,
    source: cleanText(rule.source),
    on_breach: answersText(rule.onBreach),
  };
  const of = asText(cleanText(`${facts.service} ${facts.version}`));
  return [
    {
      alert: 'ReleaseRuleBreached',
      expr: breachOf(rule),
      ...holding(rule.forSeconds),
      labels,
      annotations: annotated({
        summary: `${of}: ${asText(name)} is {{ $value }}, the limit is ${asText(limit)}`,
        ...texts(common),
      }),
    },
    {
      alert: 'ReleaseRuleNoData',
      expr: noDataOf(rule),
      for: NO_DATA_FOR,
      labels,
      annotations: annotated({
        summary: `${of}: ${asText(name)} has no data that can be judged; pause the release`,
        ...texts({ ...common, on_no_data: 'pause' }),
      }),
    },
    ...batchAlerts(rule, { labels, of, name, common }),
  ];
}

type Common = {
  labels: Record<string, string>;
  of: string;
  name: string;
  common: Record<string, string>;
};

/** The hosts of a batch against the others, while the rule itself has data. */
function batchAlerts(rule: ExportRule, { labels, of, name, common }: Common): AlertRule[] {
  const { relative } = rule;
  if (relative === undefined) return [];
  const limit = `${relative.op} ${relative.ratio}`;
  return (relative.batches ?? []).map(({ batch_id: batch, expr }) => ({
    alert: 'ReleaseBatchDiffers',
    expr: `((${expr}) ${limit})\nand on ()\n(${rule.expr})`,
    ...holding(Number.parseInt(relative.for, 10)),
    labels: { ...labels, batch_id: String(batch) },
    annotations: annotated({
      summary: `${of}: ${asText(name)} of batch ${batch} is {{ $value }} times that of the hosts not yet released`,
      ...texts({ ...common, limit: `${limit} for ${relative.for}` }),
    }),
  }));
}

const holding = (seconds: number): { for?: string } => (seconds > 0 ? { for: `${seconds}s` } : {});

/** Prometheus fills templates in labels and annotations: a `{{` of others stays what it is. */
const asText = (text: string): string => text.replaceAll('{{', '{{"{{"}}');

const texts = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, text]) => [key, asText(text)]));

const annotated = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ''));

/** `1. restart (batch); 2. rollback (released)`. */
const answersText = (answers: readonly BreachAnswer[]): string =>
  cleanText(
    answers
      .map(({ action, hosts, risk }, index) => {
        const because = risk === undefined ? '' : `, for ${risk}`;
        return `${index + 1}. ${action} (${hosts}${because})`;
      })
      .join('; '),
    MAX_TEXT,
  );
