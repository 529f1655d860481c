import type { BatchProgress, ExecutionState } from '../../domain/execution/execution';
import { createGuard } from '../../guard/guard';
import { batchesOf } from './executable-issue';
import type { ReleaseRecord } from './release-record';

/** The answer of the query `state` at a time, in milliseconds. */
export function stateView(record: ReleaseRecord | undefined, now: number): ExecutionState {
  if (record === undefined)
    return {
      phase: 'waiting_issue',
      ...{ issue_id: null, digest: null, batch: 0, batches: 0, hosts: {}, rules: [], events: [] },
    };
  const { issue, state, phase, reason, hosts, readings, tallies, events } = record;
  const until = untilOf(record, now);
  return {
    phase,
    ...{ issue_id: issue.issue_id, digest: issue.digest },
    batch: state.batches[state.batches.length - 1]?.batch_id ?? 0,
    batches: batchesOf(issue).length,
    plan: planOf(record),
    hosts,
    rules: Object.values(readings).map((reading) => ({
      ...reading,
      values: tallies[reading.rule_id]?.values ?? [],
    })),
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until }),
    events,
  };
}

const planOf = ({ issue, batches }: ReleaseRecord): BatchProgress[] =>
  batchesOf(issue).map(({ batch_id, hosts, observation_time }) => {
    const begun = batches.find((batch) => batch.batch_id === batch_id);
    return {
      ...{ batch_id, hosts: hosts.map(({ host_id }) => host_id), observation_time },
      ...(begun !== undefined && { deployed_at: begun.deployed_at }),
      ...(begun?.observed_until && { observed_until: begun.observed_until }),
    };
  });

/** Until when the release waits or observes by itself; the guard knows. */
function untilOf({ issue, state, phase }: ReleaseRecord, now: number): string | undefined {
  if (phase !== 'observing' && phase !== 'repairing' && phase !== 'waiting_approval')
    return undefined;
  const next = createGuard(issue).next(state, now);
  return next.do === 'observe' || next.do === 'wait' ? next.until : undefined;
}
