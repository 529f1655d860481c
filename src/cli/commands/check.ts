import { issueStoreOf } from '../../bootstrap/create-issue-store';
import { loadConfig } from '../../config/config';
import { approvalEvents } from '../../gates/recorded-events';
import { createGuard, stateOf, type Event, type Guard, type Verdict } from '../../guard/guard';
import { millisecondsOf } from '../../guard/time';
import { CommandError, EXIT, usage } from '../exit-codes';
import { jsonLines } from '../../adapters/files/json-lines';
import { JsonBoundError, parseBoundedJson } from '../../adapters/upstream/bounded-json';
import { FILE_BOUNDS, readJson } from '../read-input';
import { print, tell } from '../print';
import { recordedIssue } from '../recorded-issue';

export type CheckOptions = { action: string; state?: string; at?: string };

/** A release of 10,000 hosts with all its samples is smaller. */
const MAX_LINE = 32 * 1024 * 1024;

/**
 * `release-prep check ISSUE_ID | S V --action FILE|-`: is this action within the issue? Reads the issue alone, and
 * checks its digest; needs neither Temporal nor Prometheus. Approvals recorded until then count. Prints one verdict per line; exit code 3 if one is refused.
 */
export async function check(
  first: string,
  version: string | undefined,
  { action, state, at }: CheckOptions,
): Promise<void> {
  const config = loadConfig();
  const store = issueStoreOf(config);
  const issue = await recordedIssue(config, first, version);
  const guard = createGuard(issue);
  const approvals = await approvalEvents(store, issue.issue_id, tell);
  const facts = { guard, approvals };
  if (action === '-') return checkLines(facts, at);
  const verdict = verdictOf(
    facts,
    {
      action: await readJson(action, '--action'),
      state: state && (await readJson(state, '--state')),
    },
    at,
  );
  print(JSON.stringify(verdict));
  if (!verdict.allowed) throw refusedActions([verdict]);
}

/** JSON lines `{action, state, at}` from stdin; verdicts in the same order, each as soon as it is known. */
async function checkLines(facts: Facts, at: string | undefined): Promise<void> {
  const refusals: Verdict[] = [];
  try {
    for await (const { line, number } of jsonLines(process.stdin, MAX_LINE)) {
      if (line.trim() === '') continue;
      const verdict = verdictOf(facts, readLine(line, number), at, `line ${number}: `);
      print(JSON.stringify(verdict));
      if (!verdict.allowed) refusals.push(verdict);
    }
  } catch (error) {
    throw error instanceof JsonBoundError ? usage(`--action: ${error.message}`) : error;
  }
  if (refusals.length > 0) throw refusedActions(refusals);
}

/** `approvals`: those that are recorded with the issue. */
type Facts = { guard: Guard; approvals: readonly Event[] };
type Asked = { action: unknown; state?: unknown; at?: unknown };

function readLine(line: string, number: number): Asked {
  let asked: unknown;
  try {
    asked = parseBoundedJson(line, FILE_BOUNDS);
  } catch (error) {
    throw usage(`--action: line ${number} is not JSON: ${(error as Error).message}`);
  }
  if (typeof asked === 'object' && asked !== null && 'action' in asked) return asked;
  throw usage(`--action: line ${number} must be {"action": …, "state": {"events": […]}, "at": …}`);
}

function verdictOf(
  { guard, approvals }: Facts,
  asked: Asked,
  at: string | undefined,
  where = '',
): Verdict {
  const now = millisecondsOf(asked.at ?? at ?? new Date().toISOString());
  if (Number.isNaN(now))
    throw usage(`${where}--at must be an RFC 3339 time, such as 2026-11-29T16:00:00Z`);
  const events: unknown = (asked.state as { events?: unknown } | undefined)?.events ?? [];
  if (!Array.isArray(events)) throw usage(`${where}--state must be {"events": […]}`);
  try {
    return guard.check(stateOf([...(events as unknown[]), ...approvals]), asked.action, now);
  } catch (error) {
    // An unreadable state allows nothing, but is not a verdict on the action.
    throw usage(`${where}${(error as Error).message}`);
  }
}

const refusedActions = (refusals: readonly Verdict[]): CommandError => {
  const [first] = refusals;
  const reason = first !== undefined && !first.allowed ? `${first.code}: ${first.message}` : '';
  const others = refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : '';
  return new CommandError(EXIT.refused, `refused ${reason}${others}`);
};
