import { parseSeconds } from '../text/parse-seconds';
import { backtest } from '../thresholds/backtest';
import type { Levelled } from './levelled-rules';
import { boundedLevel } from '../thresholds/threshold';
import { MIN_LEVEL_SAMPLES } from '../thresholds/baseline';

/** What the model answers: levels by opaque ids, `r1` for the first rule. */
export type ThresholdProposal = { rules: { id: string; threshold: number }[] };

export const ruleId = (index: number): string => `r${index + 1}`;

/**
 * Accepts levels that are tighter, inside the bounds of the knowledge base, and silent over all calm history. Everything
 * else is dropped, so that no answer can loosen a rule or cause false alarms.
 */
export function acceptThresholdProposal(
  proposal: ThresholdProposal,
  rules: readonly Levelled[],
): Levelled[] {
  return rules.map((rule, index) => {
    const proposed = proposal.rules.find(({ id }) => id === ruleId(index));
    return proposed ? tightened(rule, proposed.threshold) : rule;
  });
}

function tightened(rule: Levelled, proposed: number): Levelled {
  const { calm, level, form } = rule;
  const { op } = form.level;
  const known = calm.samples.length;
  if (!Number.isFinite(proposed) || known < MIN_LEVEL_SAMPLES) return rule;
  const threshold = boundedLevel(proposed, form.level);
  const isTighter = op === '>' ? threshold < level.threshold : threshold > level.threshold;
  if (!isTighter) return rule;
  const tried = backtest(calm, { op, threshold, forSeconds: parseSeconds(level.for) });
  if (tried.fired > 0) return rule;
  return { ...rule, level: { ...level, threshold, backtest: tried, source: 'model' } };
}
