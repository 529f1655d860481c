/** What one run cost, read from its history. */
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

type Event = temporal.api.history.v1.IHistoryEvent;
const { HistoryEvent } = temporal.api.history.v1;

export type RunFigures = {
  runMs: number;
  events: number;
  bytes: number;
  /** From scheduled to started, of each activity task and each workflow task. */
  activityQueueMs: number[];
  workflowQueueMs: number[];
  /** From started to completed, of each workflow task. */
  workflowTaskMs: number[];
  /** From started to completed, of each activity. */
  activityMs: Record<string, number>;
  /** Tries beyond the first, of all activities. */
  retries: number;
  /** Bytes by what they belong to: an activity's arguments and result, or a kind of event. */
  bytesOf: Record<string, number>;
};

/** Reads a run that has ended. */
export async function readHistory(handle: WorkflowHandle): Promise<RunFigures> {
  const { historyLength, historySize = 0, startTime, closeTime } = await handle.describe();
  const { events } = await handle.fetchHistory();
  return {
    ...figuresOf(events ?? []),
    runMs: (closeTime?.getTime() ?? Number.NaN) - startTime.getTime(),
    events: historyLength,
    bytes: historySize,
  };
}

/** The parts of the figures that the events tell. */
export function figuresOf(
  events: readonly Event[],
): Pick<
  RunFigures,
  'activityQueueMs' | 'workflowQueueMs' | 'workflowTaskMs' | 'activityMs' | 'retries' | 'bytesOf'
> {
  const byId = new Map(events.map((event) => [Number(event.eventId), event]));
  const figures = {
    activityQueueMs: [],
    workflowQueueMs: [],
    workflowTaskMs: [],
    activityMs: {},
    retries: 0,
    bytesOf: {},
  } as ReturnType<typeof figuresOf>;
  for (const event of events) {
    const what = ownerOf(event, byId);
    figures.bytesOf[what] =
      (figures.bytesOf[what] ?? 0) + HistoryEvent.encode(event).finish().byteLength;
    const done = byId.get(Number(event.workflowTaskCompletedEventAttributes?.startedEventId));
    if (done !== undefined) figures.workflowTaskMs.push(msOf(event) - msOf(done));
    const ended = event.activityTaskCompletedEventAttributes;
    const begun = byId.get(Number(ended?.startedEventId));
    if (begun !== undefined) figures.activityMs[what] = msOf(event) - msOf(begun);
    const activity = event.activityTaskStartedEventAttributes;
    const task = event.workflowTaskStartedEventAttributes;
    const scheduled = byId.get(Number(activity?.scheduledEventId ?? task?.scheduledEventId));
    if (scheduled === undefined) continue;
    figures.retries += Math.max(0, (activity?.attempt ?? 1) - 1);
    // A retried activity was scheduled once and started again and again: its wait is no queue's.
    if (activity && (activity.attempt ?? 1) > 1) continue;
    (activity ? figures.activityQueueMs : figures.workflowQueueMs).push(
      msOf(event) - msOf(scheduled),
    );
  }
  return figures;
}

function ownerOf(event: Event, byId: ReadonlyMap<number, Event>): string {
  const from =
    event.activityTaskStartedEventAttributes?.scheduledEventId ??
    event.activityTaskCompletedEventAttributes?.scheduledEventId;
  const scheduled = from === undefined ? event : byId.get(Number(from));
  const type = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name;
  if (type !== undefined && type !== null) return type;
  if (event.upsertWorkflowSearchAttributesEventAttributes) return 'search attributes';
  if (event.workflowExecutionCompletedEventAttributes) return 'result';
  return event.workflowExecutionStartedEventAttributes ? 'input' : 'workflow tasks';
}

const msOf = ({ eventTime }: Event): number =>
  Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;
