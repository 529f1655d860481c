import type { ExportFacts } from './export-facts';
import { kubernetesObject, type KubernetesObject } from './kubernetes-object';
import { createNames, workloadName } from './kubernetes-names';
import { alertGroups, inChunks, type AlertGroup } from './prometheus-rules';

export type PrometheusRules = { groups: AlertGroup[] };

export const prometheusRules = (facts: ExportFacts): PrometheusRules => ({
  groups: alertGroups(facts),
});

/** An object of the operator stays well below what an API server takes. */
const MAX_OBJECT = 512 * 1024;

/** The same groups for the Prometheus operator, in as many objects as they need. */
export function prometheusRuleObjects(facts: ExportFacts): KubernetesObject[] {
  const nameOf = createNames(facts.digest);
  const chunks = inChunks(alertGroups(facts), MAX_OBJECT);
  return (chunks.length === 0 ? [[]] : chunks).map((groups) =>
    kubernetesObject(
      facts,
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        name: nameOf(workloadName(facts.service, facts.issueId)),
      },
      { groups },
    ),
  );
}

/** What alerts cannot carry. */
export function lostInAlerts({ rules, expiresAt }: ExportFacts): string[] {
  const relative = rules.filter((rule) => rule.relative !== undefined);
  const batches = relative.flatMap((rule) => rule.relative?.batches ?? []);
  const unwritten = relative.filter((rule) => !rule.relative?.batches?.length).length;
  return [
    'batches, hosts and observation times: the alerts watch the service as a whole from when they are loaded; a rate looks back beyond a deploy',
    'on_breach: the answers are an annotation; nothing carries them out',
    `expiry: the alerts stay until they are removed; the issue expires at ${expiresAt}`,
    ...(batches.length === 0
      ? []
      : [
          `${batches.length} comparisons of a batch with the other hosts are alerts with a label batch_id; only those of the batch under observation mean something, and they have no twin for missing data`,
        ]),
    ...(unwritten === 0
      ? []
      : [
          `${unwritten} comparisons with the other hosts are left out: the issue names no hosts for them`,
        ]),
  ];
}
