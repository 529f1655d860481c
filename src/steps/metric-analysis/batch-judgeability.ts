import type { HostRef } from '../../domain/host';
import type { Defect, Judgeability, MetricAnalysisDetails, Rule } from '../../domain/metrics';
import { STEP, WARNING } from '../../domain/names';
import type { Batch } from '../../domain/release-plan';
import type { Warning } from '../../domain/step-result';
import { hostsWith, type HostLabel } from '../metrics/host-labels';

export type BatchVerdict = { judgeable: Judgeability; defect?: Defect; remedy?: string };
/** What the issue holds of a rule: its own verdict, and the hosts that have series, where a label shows them. */
export type BatchEvidence = {
  rule: Pick<Rule, 'judgeable' | 'defect' | 'remedy'>;
  hosts: HostLabel | undefined;
};

const MAX_LISTED = 10;

/** Whether a rule can judge one batch: it needs series of the batch's hosts. Whether traffic suffices is up to the plan. */
export function judgeBatch(
  { rule, hosts }: BatchEvidence,
  batch: { hosts: readonly HostRef[] },
): BatchVerdict {
  if (rule.judgeable === 'blind') return rule;
  if (hosts !== undefined) {
    const seen = hostsWith(hosts, batch.hosts).length;
    if (seen === 0) {
      const remedy = `no series has one of its hosts in the label ${hosts.label}. Check that Prometheus scrapes them`;
      return { judgeable: 'blind', defect: 'wrong_label', remedy };
    }
    const missing = batch.hosts.length - seen;
    if (missing > 0) {
      const remedy = `${missing} of its ${batch.hosts.length} hosts ${missing === 1 ? 'has' : 'have'} no series. Check that Prometheus scrapes ${missing === 1 ? 'it' : 'them'}`;
      return { judgeable: 'weak', defect: 'hosts_missing', remedy };
    }
  }
  return rule;
}

/** Rules that cannot judge a batch although they can judge the service: one warning for each batch. */
export function batchWarnings(
  { metrics, host_sets: sets }: MetricAnalysisDetails,
  batches: readonly Batch[],
): Warning[] {
  const rules = metrics.flatMap((group) => group.rules);
  return batches.flatMap((batch) => {
    const worse = rules.flatMap((rule) => {
      const hosts = rule.host_set === undefined ? undefined : sets?.[rule.host_set];
      const verdict = judgeBatch({ rule, hosts }, batch);
      return verdict === rule ? [] : [{ rule, verdict }];
    });
    return worse.length === 0 ? [] : [warningOf(batch.batch_id, worse)];
  });
}

function warningOf(batch: number, worse: { rule: Rule; verdict: BatchVerdict }[]): Warning {
  const listed = worse
    .slice(0, MAX_LISTED)
    .map(({ rule, verdict }) => `${rule.candidate} is ${verdict.judgeable}: ${verdict.remedy}`);
  const more = worse.length - listed.length;
  const text = [...listed, ...(more > 0 ? [`${more} more`] : [])].join('; ');
  return {
    step_name: STEP.metricAnalysis,
    code: WARNING.batchNotSeen,
    message: `Batch ${batch}: ${text}`,
  };
}
