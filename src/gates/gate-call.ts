/** What another executor asks. */
export type GateCall =
  /** May the next batch (or this one) begin? `last`: only if no batch comes after it. */
  | { ask: 'advance'; batchId?: number; last?: boolean }
  /** Is nothing broken so far? Of one rule, or of all that gate. */
  | { ask: 'healthy'; ruleId?: string }
  /** May the release begin, or go on? Begins nothing. */
  | { ask: 'open' }
  /** Does the issue answer with a rollback? */
  | { ask: 'rollback' }
  /** The release was ended outside. */
  | { ask: 'ended'; how: 'abort' | 'finish' };

/** What begins or goes on by a 200. */
export const GOES_ON: readonly GateCall['ask'][] = ['advance', 'healthy', 'open'];
