/** What matters of a history event: `task` is a workflow task that was scheduled or started. */
export type RunEvent = { id: number; kind: 'task' | 'cancel-requested' | 'other' };

/**
 * The event to which an ended run is reset: the end of its last workflow task, so that all results before it are kept;
 * for a cancelled run, the last one before the cancellation. Null if the run has none.
 */
export function resumePoint(events: readonly RunEvent[], cancelled: boolean): number | null {
  const request = cancelled ? events.find(({ kind }) => kind === 'cancel-requested') : undefined;
  const before = request?.id ?? Infinity;
  const task = events.findLast(({ id, kind }) => kind === 'task' && id < before);
  return task === undefined ? null : task.id + 1;
}
