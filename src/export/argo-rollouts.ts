import { breachValueOf } from './rule-conditions';
import { asksPerson, type ExportFacts, type ExportRule } from './export-facts';
import { gateUrl } from './gate-url';
import { kubernetesObject, type KubernetesObject } from './kubernetes-object';
import { createNames, workloadName } from './kubernetes-names';
import { inexactText, weightsOf, type Weighted } from './traffic-weights';

const API = 'argoproj.io/v1alpha1';
/** Rules of a release are sampled at least this often. */
const INTERVAL = '15s';
/** Whether there is a value at all; without one neither condition holds, which pauses the rollout. */
const HAS_VALUE = 'len(result) > 0 && !isNaN(result[0])';
const GATE_INTERVAL = '30s';
/** A week of attempts; after its limit of errors an analysis aborts the rollout. */
const GATE_ERRORS = 20_160;
/** Of a breach that a person answers: it never aborts, and is no success either. */
const NEVER = 'false';

export type ArgoOptions = { prometheusUrl: string; serveUrl?: string };
export type ArgoObjects = {
  templates: KubernetesObject[];
  rollout: KubernetesObject;
  lost: string[];
};

/** An AnalysisTemplate for each rule that stops the release, and the canary steps of a Rollout that runs them. */
export function argoObjects(
  facts: ExportFacts,
  { prometheusUrl, serveUrl }: ArgoOptions,
): ArgoObjects {
  const nameOf = createNames(facts.digest);
  const gating = facts.rules.filter(({ gates }) => gates);
  const rules = gating.map((rule) => ruleTemplate(facts, rule, nameOf(rule.id), prometheusUrl));
  const gate = serveUrl === undefined ? undefined : gateTemplate(facts, nameOf('gate'), serveUrl);
  const batches = weightsOf(facts.batches, facts.hosts);
  const name = workloadName(facts.service, facts.issueId);
  const templates = rules.map(({ metadata }) => ({ templateName: metadata.name }));
  const rollout = kubernetesObject(
    facts,
    { apiVersion: API, kind: 'Rollout', name },
    {
      replicas: facts.hosts,
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      strategy: {
        canary: {
          ...(templates.length > 0 && {
            // From the first pause on: until then no host runs the new version.
            analysis: { templates, startingStep: gate === undefined ? 1 : 2 },
          }),
          steps: stepsOf(batches, gate?.metadata.name),
        },
      },
    },
  );
  return {
    templates: [...rules, ...(gate === undefined ? [] : [gate])],
    rollout,
    lost: lostOf(facts, batches, gating, serveUrl),
  };
}

function ruleTemplate(
  facts: ExportFacts,
  rule: ExportRule,
  name: string,
  prometheusUrl: string,
): KubernetesObject {
  const { lookBackSeconds: lookBack } = rule;
  return kubernetesObject(
    facts,
    {
      apiVersion: API,
      kind: 'AnalysisTemplate',
      name,
      annotations: { 'release-prep.io/rule-id': rule.id },
    },
    {
      metrics: [
        {
          name,
          interval: INTERVAL,
          // A window that reaches back before the deploy judges the old version.
          ...(lookBack > 0 && { initialDelay: `${lookBack}s` }),
          successCondition: `${HAS_VALUE} && all(result, # == 0)`,
          failureCondition: asksPerson(rule) ? NEVER : `${HAS_VALUE} && any(result, # == 1)`,
          provider: { prometheus: { address: prometheusUrl, query: breachValueOf(rule) } },
        },
      ],
    },
  );
}

/** Asks our gate until it allows the batch: a refusal and a gate that is away both hold the rollout at this step. */
const gateTemplate = (facts: ExportFacts, name: string, serveUrl: string): KubernetesObject =>
  kubernetesObject(
    facts,
    { apiVersion: API, kind: 'AnalysisTemplate', name },
    {
      args: [
        { name: 'batch-id' },
        { name: 'token', valueFrom: { secretKeyRef: { name: 'release-prep', key: 'token' } } },
      ],
      metrics: [
        {
          name,
          interval: GATE_INTERVAL,
          successCondition: 'result == true',
          consecutiveSuccessLimit: 1,
          failureLimit: -1,
          consecutiveErrorLimit: GATE_ERRORS,
          provider: {
            web: {
              method: 'POST',
              url: gateUrl(serveUrl, 'argo', facts.issueId),
              headers: [{ key: 'Authorization', value: 'Bearer {{args.token}}' }],
              jsonBody: {
                digest: facts.digest,
                metadata: { batch_id: '{{args.batch-id}}' },
              },
              jsonPath: '{$.allowed}',
            },
          },
        },
      ],
    },
  );

type Step =
  | { analysis: { templates: { templateName: string }[]; args: { name: string; value: string }[] } }
  | { setWeight: number }
  | { pause: { duration: string } };

/** Batches of one whole percent have one weight and a pause each. */
function stepsOf(batches: readonly Weighted[], gate: string | undefined): Step[] {
  let weight = 0;
  return batches.flatMap((batch): Step[] => {
    const grows = batch.weight > weight;
    weight = batch.weight;
    return [
      ...(gate === undefined
        ? []
        : [
            {
              analysis: {
                templates: [{ templateName: gate }],
                args: [{ name: 'batch-id', value: String(batch.id) }],
              },
            },
          ]),
      ...(grows ? [{ setWeight: batch.weight }] : []),
      { pause: { duration: `${batch.seconds}s` } },
    ];
  });
}

function lostOf(
  { hosts }: ExportFacts,
  batches: readonly Weighted[],
  gating: readonly ExportRule[],
  serveUrl: string | undefined,
): string[] {
  const inexact = inexactText(batches, hosts);
  const persons = gating.filter(asksPerson).length;
  return [
    'hosts: Argo Rollouts releases shares of replicas in whole percent and chooses the pods itself',
    ...(inexact === undefined ? [] : [`counts: ${inexact}`]),
    'on_breach: a breach aborts the rollout, which rolls back; repairs are left out',
    ...(persons === 0
      ? []
      : [
          `${persons} rules whose first answer is a pause leave a breach undecided, which pauses the rollout`,
        ]),
    'windows: the analysis runs through all batches; a rate looks back beyond the deploy of a later batch for its first minutes',
    ...(serveUrl === undefined
      ? ['approvals, expiry and freezes: set SERVE_BASE_URL, so that each batch asks the gate']
      : [
          'the gate needs a Secret release-prep with the key token: a bearer token of release-prep serve with the role execute',
        ]),
  ];
}
