import type { ChainNote } from '../../domain/service-chain';
import type { Call, LogEntry } from './reading';

/**
 * Calls from request logs. `members`: services that appear in the same requests, whichever way the calls went; who is
 * a member but in no call stays in the chain's nodes and in neither of its directions.
 */
export function inferCalls(entries: readonly LogEntry[]): {
  calls: Call[];
  members: string[];
  notes: ChainNote[];
} {
  return { calls: [], members: [...new Set(entries.map(({ service }) => service))], notes: [] };
}
