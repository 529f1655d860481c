import { plainText } from '../../adapters/terminal/printable';
import { colours as colors } from '../../adapters/terminal/colours';
import type { Evidence, Risk } from '../../domain/risk';
import { wrap } from './terminal-text';

export const SEVERITY_COLOUR: Record<Risk['severity'], (text: string) => string> = {
  critical: colors.red,
  high: colors.yellow,
  medium: (text) => text,
  low: colors.dim,
};

const LABEL = 10;
/** Longer lines are hard to read, whatever the terminal holds. */
const MAX_COLUMNS = 110;
/** A pipe has no width. */
const USUAL_COLUMNS = 100;
const MIN_COLUMNS = 50;

/** Each risk with its handling plan, for people at a terminal: why, what to do, when not to, what shows and proves it. */
export function riskBlocks(
  risks: readonly Risk[],
  evidence: readonly Evidence[],
  terminal = process.stdout.columns,
): string[] {
  const columns = Math.max(MIN_COLUMNS, Math.min(terminal ?? USUAL_COLUMNS, MAX_COLUMNS));
  const says = new Map(evidence.map((fact) => [fact.id, fact.says]));
  return risks.flatMap((risk) => [
    headOf(risk),
    ...labelled('why', [risk.reason], columns),
    ...labelled('plan', planOf(risk), columns),
    ...labelled('not when', risk.plan?.not_when ?? [], columns),
    ...labelled('watch', [risk.watch.join(', ')], columns),
    ...labelled('evidence', factsOf(risk, says), columns),
    ...labelled('document', [documentsOf(risk)], columns),
    '',
  ]);
}

const headOf = ({ type, severity, likelihood }: Risk): string =>
  `${colors.bold(plainText(type))}  ${SEVERITY_COLOUR[severity](`${severity}, likelihood ${likelihood}`)}`;

function planOf({ mitigation, plan }: Risk): string[] {
  if (plan === undefined) return [mitigation];
  return [
    `${mitigation}, then observe ${plan.repair_observation_time}`,
    ...plan.steps.map((step, i) => `${i + 1}. ${step}`),
  ];
}

/** Where the model worded the reason, the facts it cites are told as well: the knowledge base's reason tells them. */
function factsOf({ evidence, model }: Risk, says: ReadonlyMap<string, string>): string[] {
  if (model === undefined) return [evidence.join(' ')];
  return evidence.map((id) => (says.has(id) ? `${id}: ${says.get(id) ?? ''}` : id));
}

/** The document that the plan is from, the technologies that name the risk, and what the model did to it. */
export function documentsOf({ knowledge, model }: Pick<Risk, 'knowledge' | 'model'>): string {
  const [own = '', ...others] = knowledge;
  const named = others.length > 0 ? `, named by ${others.join(', ')}` : '';
  return `risks/${own}.md${named}${model === undefined ? '' : `; ${MODEL_DID[model]}`}`;
}

const MODEL_DID: Record<NonNullable<Risk['model']>, string> = {
  added: 'added by the model, which worded the reason',
  raised: 'raised by the model, which worded the reason',
  worded: 'the model worded the reason',
};

function labelled(label: string, texts: readonly string[], columns: number): string[] {
  const lines = texts
    .map(plainText)
    .filter((text) => text !== '')
    .flatMap((text) =>
      wrap(text, columns - LABEL - 2).map((line, i) =>
        i > 0 && /^\d+\. /.test(text) ? `   ${line}` : line,
      ),
    );
  return lines.map((line, i) => `  ${colors.dim((i === 0 ? label : '').padEnd(LABEL))}${line}`);
}
