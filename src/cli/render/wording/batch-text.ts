import type { MetricAnalysisDetails } from '../../../domain/metrics';
import type { ReleasePlan } from '../../../domain/release-plan';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import { rulesThatJudge } from '../../../steps/issue-verdict/rule-concerns';
import type { Texts } from '../../texts/texts';

/** Hosts named per batch; a large batch is counted. */
const MAX_HOSTS = 8;

export type Strategy = ReleasePlan['details']['gray_strategy'];
type Batch = Strategy['batches'][number];

/** One batch as people read it; the same in every output. */
export type BatchText = {
  id: string;
  hosts: string;
  observe: string;
  repair: string;
  judged: string;
  /** Rules that can judge it. */
  rules: string;
  why: string;
};

export type BatchOptions = {
  texts: Texts;
  /** Of the same issue: they show which rules have series of the batch's hosts. */
  metrics?: MetricAnalysisDetails;
  maxHosts?: number;
};

export function batchText(
  batch: Batch,
  { texts: { t, duration }, metrics, maxHosts = MAX_HOSTS }: BatchOptions,
): BatchText {
  const { judgement } = batch;
  const able = ableRules(batch, metrics);
  return {
    id: String(batch.batch_id),
    hosts: hostsText(batch, t, maxHosts),
    observe: duration(parseSeconds(batch.observation_time)),
    repair: duration(parseSeconds(batch.repair_observation_time)),
    judged: judgement === undefined ? '–' : t(`judged.${judgement.by}`),
    rules: able === undefined ? '–' : t('rules.of', able),
    why: [batch.reason, judgement?.reason].filter(Boolean).join('; '),
  };
}

function ableRules(batch: Batch, metrics: MetricAnalysisDetails | undefined) {
  if (metrics !== undefined) {
    const rules = metrics.metrics.reduce((sum, group) => sum + group.rules.length, 0);
    return { judgeable: rulesThatJudge(metrics, batch), rules };
  }
  const counts = batch.judgement?.rules;
  if (counts === undefined) return undefined;
  return { judgeable: counts.judgeable, rules: counts.judgeable + counts.weak + counts.blind };
}

function hostsText({ hosts }: Batch, t: Texts['t'], maxHosts: number): string {
  const ids = hosts.slice(0, maxHosts).map(({ host_id }) => host_id);
  return hosts.length > maxHosts
    ? `${ids.join(' ')} … ${t('hosts', { count: hosts.length })}`
    : ids.join(' ');
}

/** `total 1 h 46 min; policy default: no other policy applies`. */
export const totalText = (strategy: Strategy, { t, duration }: Texts): string =>
  t('plan.total', {
    duration: duration(parseSeconds(strategy.total_time)),
    policy: strategy.policy,
    reason: strategy.policy_reason,
  });
