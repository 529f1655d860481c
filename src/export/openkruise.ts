import type { ExportFacts } from './export-facts';
import { kubernetesObject, type KubernetesObject } from './kubernetes-object';
import { workloadName } from './kubernetes-names';

/** `pause.duration` is an int32. */
const MAX_PAUSE = 2_147_483_647;

/** A Rollout with the exact number of replicas after each batch and its observation time. */
export function openkruiseRollout(facts: ExportFacts): {
  rollout: KubernetesObject;
  lost: string[];
} {
  const name = workloadName(facts.service, facts.issueId);
  const rollout = kubernetesObject(
    facts,
    { apiVersion: 'rollouts.kruise.io/v1beta1', kind: 'Rollout', name },
    {
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      strategy: {
        canary: {
          enableExtraWorkloadForCanary: false,
          steps: facts.batches.map(({ released, seconds }) => ({
            replicas: released,
            pause: { duration: Math.min(seconds, MAX_PAUSE) },
          })),
        },
      },
    },
  );
  return {
    rollout,
    lost: [
      `hosts: OpenKruise releases numbers of replicas and chooses the pods itself; the workload needs ${facts.hosts} replicas`,
      'rules: a Rollout reads no metrics; load the alerts of --to prometheus and pause by hand',
      'on_breach, approvals, expiry and freezes: there is nothing that asks the gate',
    ],
  };
}
