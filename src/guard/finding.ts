import type { Answer } from './issue-view';

/** What the samples of one rule show. Times are milliseconds since 1970. */
export type Finding =
  | { kind: 'ok'; first: number; last: number; run?: Run }
  | { kind: 'breach'; at: number; value: number; limit: number; forMs: number }
  | { kind: 'no_data'; reason: string };
/** A breach at the end of what was judged that has not lasted for `for` yet. */
export type Run = { since: number; last: number };
export type Span = { first: number; last: number };

/** What is known of one rule in one batch; plain data. */
export type RuleFindings = {
  /** What its samples must lie after: the deploy, or the answer to its last breach. */
  from: number;
  /** How long it is observed, without the pauses. */
  observedMs: number;
  /** The breach that nothing has answered yet, and what the issue has to answer it with. */
  breach?: { finding: Extract<Finding, { kind: 'breach' }>; answer: Answer; number: number };
  /** Breaches that were answered. */
  answered: number;
  /** The last judgement that passed, or why the last one did not. */
  last?: Finding;
  /** Spans of samples that passed, since `from`. */
  passed: Span[];
  run?: Run;
  /** Since when it is observed anew: a person let the release go on although data were missing. */
  again?: number;
};
