import type { BreachAnswer } from '../../domain/constraint';
import type { Rule } from '../../domain/metrics';
import type { MitigationAction, Risk } from '../../domain/risk';

/** Most repairs in a row: the next breach ends the release. */
const MAX_REPAIRS = 2;
/** Repairs that are done to the hosts of the batch; others change the service as a whole. */
const PER_HOST: readonly MitigationAction[] = ['restart', 'drain_host'];

export type BreachFacts = {
  rule: Pick<Rule, 'severity'>;
  /** Risks that watch the rule's group, the likeliest and worst first. */
  risks: readonly Risk[];
  /** The actions that the release system supports. */
  capabilities: readonly string[];
  /** Used if a risk has no plan of its own, e.g. `600s`. */
  repairObservation: string;
};

/**
 * The answers to breaches of a rule, in order. The plans of the risks that watch its group decide: repairs first, until
 * a risk asks for a rollback or for a person, or until there are two. A breach of a critical rule is answered at once
 * by the last answer: rollback, where the release system can, else a pause for a person. A first risk whose plan is a
 * pause (for example a migration that a rollback would harm) makes the pause the only answer.
 */
export function onBreach({
  rule,
  risks,
  capabilities,
  repairObservation,
}: BreachFacts): BreachAnswer[] {
  const answerFor = (action: BreachAnswer['action'], risk: Risk | undefined): BreachAnswer => ({
    action,
    ...(risk !== undefined && { risk: risk.type, knowledge: risk.knowledge[0] }),
    hosts: PER_HOST.some((one) => one === action) ? 'batch' : 'released',
    repair_observation_time: risk?.plan?.repair_observation_time ?? repairObservation,
  });
  const first = risks[0];
  if (first?.mitigation === 'pause') return [answerFor('pause', first)];
  const repairs: BreachAnswer[] = [];
  for (const risk of risks) {
    const { mitigation } = risk;
    if (mitigation === 'rollback' || mitigation === 'pause' || repairs.length === MAX_REPAIRS)
      break;
    if (!capabilities.includes(mitigation)) continue;
    if (repairs.some(({ action }) => action === mitigation)) continue;
    repairs.push(answerFor(mitigation, risk));
  }
  const wantsRollback = risks.find(({ mitigation }) => mitigation === 'rollback');
  const last = capabilities.includes('rollback')
    ? answerFor('rollback', wantsRollback)
    : answerFor('pause', undefined);
  return rule.severity === 'critical' ? [last] : [...repairs, last];
}
