import { readFields, type Parsed } from '../text/read-fields';

const MAX_NAME = 128;
const MAX_ID = 300;
const MAX_REASON = 1_000;

/** The signal `releaseIssue`. A large issue is read from the store. */
export type Delivery = { issue_id: string; digest: string; issue?: unknown };
export type Approve = { by: string; digest: string };
export type Pause = { by: string; reason: string };
export type Continue = { by: string };
export type Abort = { by: string; reason: string; rollback?: boolean };

export function parseDelivery(input: unknown): Parsed<Delivery> {
  const fields = readFields(input);
  const parsed = fields.result({
    issue_id: fields.text('issue_id', MAX_ID),
    digest: fields.text('digest', MAX_ID),
  });
  if (!parsed.ok || !fields.has('issue')) return parsed;
  return { ok: true, value: { ...parsed.value, issue: (input as { issue: unknown }).issue } };
}

export function parseApprove(input: unknown): Parsed<Approve> {
  const fields = readFields(input);
  return fields.result({ by: fields.text('by', MAX_NAME), digest: fields.text('digest', MAX_ID) });
}

export function parsePause(input: unknown): Parsed<Pause> {
  const fields = readFields(input);
  return fields.result({
    by: fields.text('by', MAX_NAME),
    reason: fields.text('reason', MAX_REASON),
  });
}

export function parseContinue(input: unknown): Parsed<Continue> {
  const fields = readFields(input);
  return fields.result({ by: fields.text('by', MAX_NAME) });
}

export function parseAbort(input: unknown): Parsed<Abort> {
  const fields = readFields(input);
  const asked = fields.has('rollback') && (input as { rollback: unknown }).rollback;
  const parsed = fields.result({
    by: fields.text('by', MAX_NAME),
    reason: fields.text('reason', MAX_REASON),
    rollback: asked === true,
  });
  return parsed.ok && typeof asked !== 'boolean'
    ? { ok: false, problem: 'rollback must be true or false' }
    : parsed;
}
