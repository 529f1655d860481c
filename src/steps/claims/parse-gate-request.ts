import type { GateEntry, GateRequest } from '../../domain/gate-request';
import { readFields, type Parsed } from '../text/read-fields';

const MAX_ID = 1_000;
/** More preparations than any installation runs at once. */
export const MAX_ENTRIES = 10_000;

/** The update `enter` of the workflow that counts preparations. */
export function parseGateRequest(input: unknown): Parsed<GateRequest> {
  const fields = readFields(input);
  const entry = fields.nested('entry', parseEntry);
  return fields.result({
    entry: entry as GateEntry,
    limit: fields.integer('limit', 1, MAX_ENTRIES),
    ended: fields.list('ended', MAX_ENTRIES, parseEntry),
  });
}

function parseEntry(input: unknown): Parsed<GateEntry> {
  const fields = readFields(input);
  return fields.result({
    workflow_id: fields.text('workflow_id', MAX_ID),
    run_id: fields.text('run_id', MAX_ID),
  });
}

/** The entries from the previous run or from the starter of the workflow; invalid ones are dropped. */
export function readEntries(input: unknown): GateEntry[] {
  if (!Array.isArray(input)) return [];
  return input.slice(0, MAX_ENTRIES).flatMap((one) => {
    const parsed = parseEntry(one);
    return parsed.ok ? [parsed.value] : [];
  });
}
