import type { ModelFault } from '../../domain/model-fault';
import type { Reasoning } from '../../domain/step-result';
import { cleanText } from '../../steps/text/sanitize-text';

/** The books of one question: what was asked, paid and wrong. */
export type Session = {
  calls: number;
  cachedCalls: number;
  tokens: number;
  /** Of `tokens`, what this attempt paid. */
  paid: number;
  faults: ModelFault[];
  /** Codes and paths, one text for each answer to be corrected. */
  repairs: string[];
  /** Whether a short wait for a passing fault is used up. */
  triedAgain: boolean;
  startedAt: number;
};
export type Outcome =
  { kind: 'proposal'; value: unknown; model: string } | { kind: 'none'; reason: string };

const MAX_REASON = 300;
const MAX_FAULTS = 10;

export const newSession = (): Session => ({
  ...{ calls: 0, cachedCalls: 0, tokens: 0, paid: 0, faults: [], repairs: [] },
  ...{ triedAgain: false, startedAt: Date.now() },
});

/** How the step came to its answer, as it stands in the issue. */
export function reasoningOf(session: Session, outcome: Outcome): Reasoning {
  const { calls, tokens, cachedCalls, faults } = session;
  const spent = {
    ...(calls > 0 && { calls }),
    tokens,
    ...(cachedCalls > 0 && { cached_calls: cachedCalls }),
    ...(faults.length > 0 && { faults: faults.slice(0, MAX_FAULTS) }),
  };
  switch (outcome.kind) {
    case 'proposal':
      return { mode: 'model', model: outcome.model, ...spent };
    case 'none':
      return {
        mode: 'knowledge',
        ...spent,
        fallback_reason: cleanText(outcome.reason, MAX_REASON),
      };
  }
}
