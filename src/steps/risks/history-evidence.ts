import type { HistoryFact } from '../../domain/knowledge/risk-document';
import type { PastRelease } from '../../domain/release-history';
import type { Evidence } from '../../domain/risk';
import { cleanText } from '../text/sanitize-text';

/** Earlier releases that become evidence: older ones say little about the next. */
const MAX_TOLD = 10;

/**
 * Facts from earlier releases. A release is the first if none is recorded and no host runs the service; if hosts run it
 * but the store is empty, its past is unknown. Outcomes count once an executor has reported them.
 */
export function historyFacts(
  history: readonly PastRelease[],
  { candidate, versions }: { candidate: string; versions: Readonly<Record<string, number>> },
): {
  evidence: Evidence[];
  holds: Map<HistoryFact, string[]>;
  /** Type of a risk → ids of the releases in which it happened. */
  happened: Map<string, string[]>;
} {
  const recent = history.slice(0, MAX_TOLD);
  const evidence = recent.map((past) => ({ id: idOf(past), says: saysOf(past) }));
  const holds = new Map<HistoryFact, string[]>();
  const happened = new Map<string, string[]>();
  const because = (fact: HistoryFact, past: PastRelease) =>
    holds.set(fact, [...(holds.get(fact) ?? []), idOf(past)]);
  for (const past of recent) {
    if (past.outcome === 'failed' || past.outcome === 'rolled_back') because('failed_before', past);
    if (past.outcome === 'rolled_back') because('rolled_back_before', past);
    for (const type of past.happened ?? [])
      happened.set(type, [...(happened.get(type) ?? []), idOf(past)]);
  }
  const released = history.some(
    (past) => past.candidate !== candidate || past.outcome !== undefined,
  );
  if (!released && Object.keys(versions).length === 0) {
    const first = {
      id: 'history:first_release',
      says: 'no earlier release is recorded, and no host runs it',
    };
    evidence.push(first);
    holds.set('first_release', [first.id]);
  }
  return { evidence, holds, happened };
}

const idOf = ({ issue_id }: PastRelease): string => `issue:${cleanText(issue_id, 128)}`;

/** Names that a sentence about an earlier release holds. */
const MAX_NAMES = 3;

function saysOf(past: PastRelease): string {
  const { candidate, revision, warnings, outcome, created_at } = past;
  const { happened = [], broken = [], seconds_per_host: pace = null } = past;
  const often = revision === 1 ? 'once' : `${revision} times`;
  const end = outcome === undefined ? 'its outcome is not known' : `it ${ENDED[outcome]}`;
  return `${cleanText(candidate, 128)} was prepared ${often}, last at ${cleanText(created_at, 40)} with ${warnings} warnings; ${[
    end,
    ...(happened.length === 0 ? [] : [`${namesOf(happened)} happened`]),
    ...(broken.length === 0 ? [] : [`broken: ${namesOf(broken)}`]),
    ...(pace === null ? [] : [`${Number(pace.toPrecision(2))} s a host to deploy`]),
  ].join('; ')}`;
}

const namesOf = (names: readonly string[]): string =>
  names
    .slice(0, MAX_NAMES)
    .map((name) => cleanText(name, 128))
    .join(', ');

const ENDED: Record<NonNullable<PastRelease['outcome']>, string> = {
  succeeded: 'succeeded',
  failed: 'failed',
  rolled_back: 'was rolled back',
  aborted: 'was aborted',
};
