import type { GateEntry, GateRequest } from '../../domain/gate-request';

/** The preparations admitted after a request, and whether the requesting one is among them. */
export function admit(
  entries: readonly GateEntry[],
  { entry, limit, ended }: GateRequest,
): { admitted: boolean; entries: GateEntry[] } {
  const gone = new Set(ended.map(({ run_id }) => run_id));
  const others = entries.filter(
    ({ workflow_id, run_id }) => !gone.has(run_id) && workflow_id !== entry.workflow_id,
  );
  const wasIn = entries.some(({ workflow_id }) => workflow_id === entry.workflow_id);
  if (wasIn || others.length < limit) return { admitted: true, entries: [...others, entry] };
  return { admitted: false, entries: others };
}
