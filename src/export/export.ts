import type { Issue } from '../domain/issue';
import { argoObjects } from './argo-rollouts';
import { checkBounds } from './check-export-bounds';
import { factsOf, type ExportFacts } from './export-facts';
import { flaggerObjects } from './flagger';
import { isName } from './kubernetes-names';
import { openkruiseRollout } from './openkruise';
import { lostInAlerts, prometheusRuleObjects, prometheusRules } from './prometheus';
import type { Target } from './targets';
import { yamlOf } from './yaml-text';

export type ExportOptions = {
  /** Where the executor reads metrics. */
  prometheusUrl?: string;
  /** Of `release-prep serve`; without it no gate is called. */
  serveUrl?: string;
};
export type ExportFile = { name: string; content: string };
export type Exported = {
  files: ExportFile[];
  /** What the target cannot carry, a sentence each. */
  lost: string[];
};

/** Where metrics are read when nobody says. */
const ANY_PROMETHEUS = 'http://prometheus:9090';
const MAX_NAMED = 5;

/** The plan of an issue in the form of another executor. Throws a RangeError if it would be beyond a bound of the target. */
export function exportIssue(issue: Issue, target: Target, options: ExportOptions = {}): Exported {
  const facts = factsOf(issue);
  const { files, lost } = objectsOf(facts, target, options);
  const faults = checkBounds(files.flatMap(({ objects }) => objects));
  if (faults.length > 0) throw new RangeError(faults.join('; '));
  const comment = `${facts.issueId} ${facts.digest}`;
  return {
    files: files.map(({ name, objects }) => ({ name, content: yamlOf(comment, objects) })),
    lost: [...lost, ...leftOut(facts, target)],
  };
}

type Objects = { files: { name: string; objects: object[] }[]; lost: string[] };

function objectsOf(facts: ExportFacts, target: Target, options: ExportOptions): Objects {
  const { prometheusUrl = ANY_PROMETHEUS, serveUrl } = options;
  const assumed =
    options.prometheusUrl === undefined
      ? [`PROMETHEUS_URL is not set: queries go to ${ANY_PROMETHEUS}`]
      : [];
  switch (target) {
    case 'prometheus':
      return {
        files: [{ name: 'prometheus-rules.yaml', objects: [prometheusRules(facts)] }],
        lost: lostInAlerts(facts),
      };
    case 'prometheus-operator':
      return {
        files: [{ name: 'prometheus-rule.yaml', objects: prometheusRuleObjects(facts) }],
        lost: lostInAlerts(facts),
      };
    case 'argo-rollouts': {
      const { templates, rollout, lost } = argoObjects(facts, { prometheusUrl, serveUrl });
      return {
        files: [
          ...(templates.length === 0
            ? []
            : [{ name: 'argo-analysis-templates.yaml', objects: templates }]),
          { name: 'argo-rollout.yaml', objects: [rollout] },
        ],
        lost: [...lost, ...assumed],
      };
    }
    case 'flagger': {
      const { templates, canary, lost } = flaggerObjects(facts, { prometheusUrl, serveUrl });
      return {
        files: [
          ...(templates.length === 0
            ? []
            : [{ name: 'flagger-metric-templates.yaml', objects: templates }]),
          { name: 'flagger-canary.yaml', objects: [canary] },
        ],
        lost: [...lost, ...assumed],
      };
    }
    case 'openkruise': {
      const { rollout, lost } = openkruiseRollout(facts);
      return { files: [{ name: 'openkruise-rollout.yaml', objects: [rollout] }], lost };
    }
  }
}

/** Rules that no form of this target has, and names that it does not take. */
function leftOut({ rules, blind, service, issueId }: ExportFacts, target: Target): string[] {
  const readsMetrics = target !== 'openkruise';
  const watches = target === 'prometheus' || target === 'prometheus-operator';
  const weak = rules.filter(({ gates }) => !gates);
  const named = (of: readonly { id: string }[]): string =>
    [
      ...of.slice(0, MAX_NAMED).map(({ id }) => id),
      ...(of.length > MAX_NAMED ? [`${of.length - MAX_NAMED} more`] : []),
    ].join(', ');
  return [
    ...(readsMetrics && blind.length > 0
      ? [`blind rules have no data and would always alert; left out: ${named(blind)}`]
      : []),
    ...(readsMetrics && !watches && weak.length > 0
      ? [`rules that do not stop a release are left out: ${named(weak)}`]
      : []),
    ...(readsMetrics && rules.length === 0 ? ['no rule of the issue can be judged'] : []),
    ...(target === 'prometheus' || isName(service)
      ? []
      : [`the service is not a name that Kubernetes takes; check the names (${issueId})`]),
  ];
}
