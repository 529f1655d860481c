import type { Rule } from '../../../domain/metrics';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import { formatLevel } from '../../../steps/thresholds/format-level';
import type { Texts } from '../../texts/texts';

/** One rule as people read it; the same in every output. */
export type RuleText = {
  metric: string;
  /** `> 0.1%`. */
  fires: string;
  /** How long it must hold. */
  hold: string;
  /** The median before, where there is one. */
  usual: string;
  highest: string;
  backtest: string;
  judged: string;
  source: string;
  expr: string;
  remedy: string | undefined;
  /** The rule against the hosts that are not released yet. */
  relative: string | undefined;
  relativeBatches: { id: number; expr: string }[];
};

/** A measured level is not more exact than this. */
const DIGITS = 3;

/** `threshold`: the level as the group has it. */
export function ruleText(rule: Rule, threshold: string | undefined, texts: Texts): RuleText {
  const { baseline, backtest, relative } = rule;
  const level = (value: number | null) =>
    value === null ? '–' : formatLevel(Number(value.toPrecision(DIGITS)), rule.unit);
  return {
    metric: rule.candidate,
    fires: `${rule.op} ${threshold ?? rule.threshold}`,
    hold: texts.duration(parseSeconds(rule.for)),
    usual: level(baseline.p50),
    highest: level(baseline.max),
    backtest: `${backtest.fired}/${backtest.windows}`,
    judged: texts.t(rule.judgeable),
    source: rule.source,
    expr: rule.expr,
    remedy: rule.remedy,
    relative: relative === undefined ? undefined : relativeText(relative, texts),
    relativeBatches: (relative?.batches ?? []).map(({ batch_id: id, expr }) => ({ id, expr })),
  };
}

function relativeText(relative: NonNullable<Rule['relative']>, texts: Texts): string {
  const { op, ratio, host_label: label, batches = [] } = relative;
  const hold = texts.duration(parseSeconds(relative.for));
  const text = texts.t('rule.relative', { op, ratio, for: hold, label });
  if (batches.length === 0) return text;
  const ids = batches.map(({ batch_id }) => batch_id).join(', ');
  return `${text}; ${texts.t('rule.relative.batches', { batches: ids, count: batches.length })}`;
}
