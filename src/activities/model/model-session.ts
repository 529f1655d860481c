import type { ModelFault } from '../../domain/model-fault';
import type { Reasoning } from '../../domain/step-result';
import { cleanText } from '../../steps/text/sanitize-text';

/** What one question has cost so far, and what was wrong with its answers. */
export type Session = {
  /** Requests that this attempt sent, and the tokens that it paid for them. */
  calls: number;
  paid: number;
  /** Answers from the cache: an earlier attempt or run paid for them. */
  cachedCalls: number;
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
  ...{ calls: 0, cachedCalls: 0, paid: 0, faults: [], repairs: [] },
  ...{ triedAgain: false, startedAt: Date.now() },
});

/** How the step came to its answer, as the issue shows it. */
export function reasoningOf(session: Session, outcome: Outcome): Reasoning {
  const { calls, paid, cachedCalls, faults } = session;
  const spent = {
    ...(calls > 0 && { calls }),
    tokens: paid,
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
