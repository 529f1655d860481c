import { colours as colors } from '../../adapters/terminal/colours';
import type { Evidence, Risk } from '../../domain/risk';
import { parseSeconds } from '../../steps/text/parse-seconds';
import { ENGLISH, type Texts } from '../texts/texts';
import { plainText } from '../../adapters/terminal/printable';
import { columnsOf, pad } from './terminal-text';
import type { View } from './layout/terminal-view';
import { wrapHard } from './layout/wrap-hard';

export const SEVERITY_COLOUR: Record<Risk['severity'], (text: string) => string> = {
  critical: colors.red,
  high: colors.yellow,
  medium: (text) => text,
  low: colors.dim,
};

/** Between a label and its text. */
const GAP = 2;
/** Longer lines are hard to read, whatever the terminal holds. */
const MAX_COLUMNS = 110;
/** A pipe has no width. */
const USUAL_COLUMNS = 100;
const MIN_COLUMNS = 24;

/** Each risk with its handling plan, for people at a terminal: why, what to do, when not to, what shows and proves it. */
export function riskBlocks(
  risks: readonly Risk[],
  evidence: readonly Evidence[],
  view: View,
): string[] {
  const usual = Number.isFinite(view.width) ? view.width : USUAL_COLUMNS;
  const columns = Math.max(MIN_COLUMNS, Math.min(usual, MAX_COLUMNS));
  const { texts } = view;
  const { t } = texts;
  const says = new Map(evidence.map((fact) => [fact.id, fact.says]));
  return risks.flatMap((risk) => {
    const parts: [string, readonly string[]][] = [
      [t('risk.why'), [risk.reason]],
      [t('risk.plan'), planOf(risk, texts)],
      [t('risk.notWhen'), risk.plan?.not_when ?? []],
      [t('risk.watch'), [risk.watch.join(', ')]],
      [t('risk.evidence'), factsOf(risk, says)],
      [t('risk.document'), [documentsOf(risk)]],
    ];
    const indent = Math.max(...parts.map(([label]) => columnsOf(label))) + GAP;
    return [
      ...headOf(risk, texts, columns),
      ...parts.flatMap(([label, lines]) => labelled(label, lines, { indent, columns })),
      '',
    ];
  });
}

function headOf({ type, severity, likelihood }: Risk, { t }: Texts, columns: number): string[] {
  const values = {
    severity: t(`severity.${severity}`),
    likelihood: t(`severity.${likelihood}`),
  };
  const [name, level] = [plainText(type), t('risk.level', values)];
  const shown = [colors.bold(name), SEVERITY_COLOUR[severity](level)];
  return columnsOf(name) + GAP + columnsOf(level) <= columns ? [shown.join('  ')] : shown;
}

/** The action and how long to observe after it, then the steps. */
export function planOf({ mitigation, plan }: Risk, { t, duration }: Texts = ENGLISH): string[] {
  if (plan === undefined) return [mitigation];
  const time = duration(parseSeconds(plan.repair_observation_time));
  return [
    t('risk.observe', { action: mitigation, duration: time }),
    ...plan.steps.map((step, i) => `${i + 1}. ${step}`),
  ];
}

/** Where the model worded the reason, the facts that it cites are shown as well; a reason from the knowledge base contains them. */
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

function labelled(
  label: string,
  texts: readonly string[],
  { indent, columns }: { indent: number; columns: number },
): string[] {
  const lines = texts
    .map(plainText)
    .filter((text) => text !== '')
    .flatMap((text) =>
      wrapHard(text, columns - indent - GAP - STEP_INDENT).map((line, i) =>
        i > 0 && /^\d+\. /.test(text) ? `${' '.repeat(STEP_INDENT)}${line}` : line,
      ),
    );
  return lines.map((line, i) => `  ${colors.dim(pad(i === 0 ? label : '', indent))}${line}`);
}
/** Further lines of a numbered step. */
const STEP_INDENT = 3;
