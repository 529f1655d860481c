import type { ExecutionReason } from '../../domain/execution/execution';
import type { ReleaseRecord } from './release-record';

/**
 * Why a broken rule is answered. Of several rules that broke at one look, the record keeps what the guard said of the
 * last; the others are known by what was read.
 */
export function breachReason(
  { breach, readings }: Pick<ReleaseRecord, 'breach' | 'readings'>,
  ruleId: string,
): ExecutionReason {
  if (breach?.rule_id === ruleId) return breach;
  const { value = null, at, limit } = readings[ruleId] ?? {};
  const seen = value === null ? 'is broken' : `was ${value} at ${at}, beyond ${limit}`;
  return {
    ...{ code: 'Breached', text: `Rule ${ruleId} ${seen}.`, rule_id: ruleId, value },
    ...(limit !== undefined && { limit }),
  };
}
