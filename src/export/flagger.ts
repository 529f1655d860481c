import { breachValueOf } from './rule-conditions';
import { asksPerson, type ExportFacts, type ExportRule } from './export-facts';
import { gateUrl } from './gate-url';
import { kubernetesObject, type KubernetesObject } from './kubernetes-object';
import { createNames, workloadName } from './kubernetes-names';
import { growingWeights, inexactText, type Weighted } from './traffic-weights';

const API = 'flagger.app/v1beta1';
/** With the gate, which holds each batch for its own time. */
const GATED_INTERVAL = 60;
/** One failed query must not roll back; without the gate a further check is an observation time later. */
const GATED_THRESHOLD = 2;
/** Failed checks that no release reaches: it halts until a person decides. */
const NEVER = 1_000_000;
const HOOKS = [
  'confirm-rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'post-rollout',
];

export type FlaggerOptions = { prometheusUrl: string; serveUrl?: string };
export type FlaggerObjects = {
  templates: KubernetesObject[];
  canary: KubernetesObject;
  lost: string[];
};

/** A MetricTemplate for each rule that stops the release, and the Canary that checks them. */
export function flaggerObjects(facts: ExportFacts, options: FlaggerOptions): FlaggerObjects {
  const { prometheusUrl, serveUrl } = options;
  const nameOf = createNames(facts.digest);
  const gating = facts.rules.filter(({ gates }) => gates);
  const templates = gating.map((rule) =>
    kubernetesObject(
      facts,
      {
        apiVersion: API,
        kind: 'MetricTemplate',
        name: nameOf(rule.id),
        annotations: { 'release-prep.io/rule-id': rule.id },
      },
      {
        provider: { type: 'prometheus', address: prometheusUrl },
        query: breachValueOf(rule),
      },
    ),
  );
  const batches = growingWeights(facts.batches, facts.hosts);
  const interval =
    serveUrl === undefined ? Math.max(...batches.map(({ seconds }) => seconds)) : GATED_INTERVAL;
  const name = workloadName(facts.service, facts.issueId);
  const canary = kubernetesObject(
    facts,
    { apiVersion: API, kind: 'Canary', name },
    {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: { port: 80 },
      analysis: {
        interval: `${interval}s`,
        threshold: thresholdOf(gating, serveUrl),
        // A weight that occurs twice is a step of 0, at which Flagger stays for ever.
        stepWeights: batches.map(({ weight }) => weight),
        metrics: templates.map(({ metadata }) => ({
          name: metadata.name,
          templateRef: { name: metadata.name },
          // 1 is a breach; Flagger fails the check without a value.
          thresholdRange: { max: 0 },
          interval: '1m',
        })),
        ...(serveUrl !== undefined && { webhooks: webhooksOf(facts, { serveUrl, name }) }),
      },
    },
  );
  return { templates, canary, lost: lostOf(facts, { batches, gating, interval, serveUrl }) };
}

const thresholdOf = (gating: readonly ExportRule[], serveUrl: string | undefined): number => {
  if (gating.some(asksPerson)) return NEVER;
  return serveUrl === undefined ? 1 : GATED_THRESHOLD;
};

/** Hooks that ask the gate, and the one that tells it of the end. */
const webhooksOf = (
  { issueId, digest, batches, service }: ExportFacts,
  { serveUrl, name }: { serveUrl: string; name: string },
) =>
  HOOKS.map((type) => ({
    name: `release-prep ${type}`,
    type,
    url: gateUrl(serveUrl, 'flagger', issueId),
    timeout: '10s',
    // Flagger's body does not say which hook calls; a hook `rollback` that is answered with 200 rolls back.
    metadata: {
      hook: type,
      issue_id: issueId,
      digest,
      // The gate compares it with the name of the canary where this is not there.
      ...(name !== service && { service }),
      // At full weight Flagger asks for an increase once more, which ends the last batch before this hook.
      ...(type === 'confirm-promotion' && { batch_id: String(batches[batches.length - 1]?.id) }),
    },
  }));

type Lost = {
  batches: readonly Weighted[];
  gating: readonly ExportRule[];
  interval: number;
  serveUrl: string | undefined;
};

function lostOf({ hosts }: ExportFacts, { batches, gating, interval, serveUrl }: Lost): string[] {
  const inexact = inexactText(batches, hosts);
  const persons = gating.filter(asksPerson).length;
  const times = [...new Set(batches.map(({ seconds }) => `${seconds}s`))].join(', ');
  return [
    'hosts: Flagger shifts traffic in whole percent; all pods of the new version run from the first step on',
    ...(inexact === undefined ? [] : [`shares: ${inexact}`]),
    ...(serveUrl === undefined
      ? [
          `times: Flagger has one interval, ${interval}s, in place of ${times}; a breach is seen at its end and answered one interval later. Set SERVE_BASE_URL: then rules are checked every ${GATED_INTERVAL}s and the gate holds each batch for its time`,
          'approvals, expiry and freezes: set SERVE_BASE_URL',
        ]
      : [
          'times: held by the gate alone',
          'the token of the gate: Flagger sends no headers, so put a token with the role execute into the URLs of the hooks, as the password',
        ]),
    persons === 0
      ? 'on_breach and on_no_data: a breach and missing data both roll back; repairs and pauses are left out'
      : `on_breach: for ${persons} rules the first answer is a pause, so a failed check halts the release and nothing rolls back by itself`,
    'service.port is 80 and the provider is that of the installation: they are not in the issue',
  ];
}
