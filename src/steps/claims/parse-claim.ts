import type { Claim, ClaimEnd, ClaimHolder, ClaimRelease } from '../../domain/release-claim';
import { readFields, type Parsed } from '../text/read-fields';
import { MAX_CLAIM_MS } from './claim-conflicts';

/** Longest names: `domain/release.ts` allows fewer characters, Temporal 1,000 of an id. */
const MAX_NAME = 256;
const MAX_ID = 1_000;
const MAX_REASON = 1_000;

/** The update `claim` of the workflow that holds the claim on a service. */
export function parseClaim(input: unknown, now: number): Parsed<Claim> {
  const fields = readFields(input);
  const holder = fields.nested('holder', (one) => parseHolder(one, now));
  const replace = fields.has('replace') ? fields.nested('replace', parseClaimRef) : undefined;
  return fields.result({ holder: holder as Claim['holder'], ...(replace && { replace }) });
}

function parseHolder(input: unknown, now: number): Parsed<Claim['holder']> {
  const fields = readFields(input);
  const runId = fields.optionalText('run_id', MAX_NAME);
  return fields.result({
    service: fields.text('service', MAX_NAME),
    version: fields.text('version', MAX_NAME),
    workflow_id: fields.text('workflow_id', MAX_ID),
    phase: fields.choice('phase', ['preparing', 'releasing']),
    held_by: fields.text('held_by', MAX_ID),
    ...(runId !== undefined && { run_id: runId }),
    until: fields.momentOrNull('until', now, MAX_CLAIM_MS),
  });
}

type ClaimRef = Pick<ClaimHolder, 'workflow_id' | 'since'>;

function parseClaimRef(input: unknown): Parsed<ClaimRef> {
  const fields = readFields(input);
  return fields.result({
    workflow_id: fields.text('workflow_id', MAX_ID),
    since: fields.text('since', MAX_NAME),
  });
}

/** The signal `end`. */
export function parseEnd(input: unknown): Parsed<ClaimEnd> {
  const fields = readFields(input);
  const runId = fields.optionalText('run_id', MAX_NAME);
  return fields.result({
    workflow_id: fields.text('workflow_id', MAX_ID),
    ...(runId !== undefined && { run_id: runId }),
  });
}

/** The update `release`. */
export function parseRelease(input: unknown): Parsed<ClaimRelease> {
  const fields = readFields(input);
  const held = fields.has('held') ? fields.nested('held', parseClaimRef) : undefined;
  return fields.result({
    by: fields.text('by', MAX_NAME),
    reason: fields.text('reason', MAX_REASON),
    ...(held && { held }),
  });
}
