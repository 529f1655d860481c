import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import type {
  BatchComparison,
  PredictedActual,
  RuleComparison,
} from '../../../steps/outcomes/predicted-actual';
import { formatLevel } from '../../../steps/thresholds/format-level';
import type { Texts } from '../../texts/texts';
import { numberText } from './number-text';

export type OutcomeTexts = { sentence: string; why: string[]; notes: string[] };

/** The outcome in words: one sentence, why, and notes on batches, rollbacks and risks. */
export function outcomeTexts(
  { candidate: version }: Issue,
  { result, reason, hosts_left: left = [] }: Outcome,
  found: PredictedActual,
  { t, duration }: Texts,
): OutcomeTexts {
  const hosts = t('hosts', { count: found.released });
  const time = duration(Math.round(found.seconds));
  const untouched = found.batches.filter(({ actual }) => actual === null);
  return {
    sentence: t(`outcome.${result}`, { hosts, version, duration: time }),
    why: [
      ...(reason === undefined
        ? []
        : [t('release.why', { reason: `${reason.code}: ${reason.text}` })]),
      ...(left.length === 0 ? [] : [t('outcome.left', { hosts: left.join(', ') })]),
    ],
    notes: [
      ...(untouched.length === 0
        ? []
        : [
            t('outcome.never', {
              count: untouched.length,
              batches: untouched.map(({ batch_id }) => batch_id).join(', '),
            }),
          ]),
      ...found.rollbacks.map(({ hosts: count, version: to, succeeded, seconds, text }) =>
        t('outcome.rollback', {
          ...{ hosts: t('hosts', { count }), version: to },
          result: succeeded
            ? t('outcome.succeeded', { duration: duration(Math.round(seconds ?? NaN)) })
            : t('outcome.failed', { text }),
        }),
      ),
      ...found.risks.map((risk) => riskText(risk, t)),
      ...(found.calm === 0 ? [] : [t('outcome.risk.none', { count: found.calm })]),
      ...(found.unsampled === 0 ? [] : [t('outcome.notWatched', { count: found.unsampled })]),
    ],
  };
}

function riskText(
  { type: risk, predicted, mitigation: action = '', mitigated }: Outcome['risks'][number],
  t: Texts['t'],
): string {
  if (!predicted) return t('outcome.risk.surprise', { risk });
  if (action === 'rollback') return t('outcome.risk.rolledBack', { risk });
  return t(mitigated ? 'outcome.risk.mitigated' : 'outcome.risk.happened', { risk, action });
}

/** Batch, hosts, predicted time, actual time, verdicts of its rules. */
export function batchCells(batch: BatchComparison, { t, duration }: Texts): string[] {
  const { batch_id, hosts, planned, actual, passed, rules } = batch;
  const time = actual === null ? '' : duration(Math.round(actual));
  return [
    String(batch_id),
    String(hosts),
    duration(planned),
    actual === null ? t('outcome.untouched') : passed ? time : t('outcome.cut', { duration: time }),
    (['ok', 'breach', 'no_data', 'not_judged'] as const)
      .filter((kind) => rules[kind] > 0)
      .map((kind) => `${rules[kind]} ${t(`reading.${kind}`)}`)
      .join(', '),
  ];
}

/** A table of plain texts: what each column holds, and its rows. */
export type TextTable = { heads: string[]; rows: string[][] };

/** The batches and the rules of a release next to what was predicted; a table without rows is left out. */
export function outcomeTables(found: PredictedActual, texts: Texts): TextTable[] {
  const { t } = texts;
  const ofBatch = [
    'release.hosts',
    'outcome.predicted',
    'outcome.actual',
    'outcome.rules',
  ] as const;
  const ofRule = ['release.limit', 'outcome.expected', 'outcome.seen', 'outcome.broken'] as const;
  return [
    {
      heads: [t('batch'), ...ofBatch.map((key) => t(key))],
      rows: found.batches.map((batch) => batchCells(batch, texts)),
    },
    {
      heads: [t('rule'), ...ofRule.map((key) => t(key))],
      rows: found.rules.map((one) => [
        one.rule_id,
        levelText(one),
        pairText(one.expected, one),
        pairText(one.seen, one),
        brokenText(one, texts),
      ]),
    },
  ].filter(({ rows }) => rows.length > 0);
}

const DIGITS = 3;
const valueText = (value: number | null, { rule }: RuleComparison): string =>
  value === null || rule === undefined
    ? numberText(value)
    : formatLevel(Number(value.toPrecision(DIGITS)), rule.unit);

export const levelText = (one: RuleComparison): string =>
  `${one.rule?.op ?? ''} ${valueText(one.limit, one)}`.trim();

export const pairText = (
  { p50, p99 }: { p50: number | null; p99: number | null },
  one: RuleComparison,
): string => `${valueText(p50, one)} / ${valueText(p99, one)}`;

/** When a rule was first broken; `when` says how its time is written. Empty where it held. */
export function brokenText(
  { breaches, breached_at: at }: RuleComparison,
  { t }: Texts,
  when: (at: string) => string = (time) => time,
): string {
  if (breaches === 0) return '';
  const time = at === undefined ? '' : when(at);
  return breaches > 1 ? t('outcome.times', { at: time, count: breaches }) : time;
}
