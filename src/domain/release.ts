import { z } from 'zod';
import { HostRef, nameOf } from './host';
import { ID_PREFIX } from './names';
import { Override } from './release-claim';

export const ServiceName = nameOf(128);

/** Names that refer to another version tomorrow, so no plan, host or issue can be compared with them. */
const MOVING =
  /^(?:latest|newest|current|stable|head|main|master|trunk|develop|edge|nightly|snapshot)$/i;

/** No slash: the version is the last segment of the workflow id. */
export const Version = nameOf(64)
  .refine((text) => !text.includes('/'), 'must not hold a slash')
  .refine((text) => !text.includes(' '), 'must not hold a blank')
  .refine(
    (text) => !MOVING.test(text),
    'names whatever is newest, not one version: give the version itself, as v1.2.3, a build number or a digest',
  );

/** Workflows of this system's own; a signal to one of them would reach no executor. */
const OWN_WORKFLOWS = [ID_PREFIX.prepare, ID_PREFIX.dryRun, ID_PREFIX.lock, ID_PREFIX.gate];
const ExecutorId = nameOf(1000).refine(
  (id) => !OWN_WORKFLOWS.some((prefix) => id.startsWith(`${prefix}/`)),
  'names a preparation, claim or gate of release-prep itself, not an executor',
);

/** More hosts than any known fleet of one service; keeps the input below Temporal's payload limit. */
export const MAX_HOSTS = 20_000;

/** The argument of ReleasePrepWorkflow. */
export const ReleaseRequest = z.strictObject({
  service: ServiceName,
  version: Version,
  hosts: z
    .array(HostRef)
    .max(MAX_HOSTS)
    .refine((hosts) => new Set(hosts.map((host) => host.host_id)).size === hosts.length, {
      message: 'names a host_id twice',
    })
    .optional(),
  executor: z.strictObject({ workflow_id: ExecutorId }).optional(),
  /** `execute`: to ReleaseExecutorWorkflow; `none`: to nobody. Default: as the worker is configured. */
  delivery: z.enum(['execute', 'none']).optional(),
  /** Goes on in spite of a release in progress or a freeze. */
  override: Override.optional(),
  /** Who asks; a claim and no proof. Some policies ask for an approval by somebody else. */
  requested_by: nameOf(128).optional(),
  /** `wait`: a run whose step failed for good stays, until somebody retries the step; default `fail`. */
  on_failure: z.enum(['fail', 'wait']).optional(),
  /** `reference`: the workflow returns `{issue_id, digest}`, which any SDK can read; default the whole issue. */
  result: z.enum(['issue', 'reference']).optional(),
  /** Goes on, without metrics, when no series in Prometheus is known to be the service's own. */
  allow_unknown_service: z.boolean().optional(),
  /** Prepare everything, record and deliver nothing. */
  dry_run: z.boolean().optional(),
});
export type ReleaseRequest = z.infer<typeof ReleaseRequest>;

/** The user's documents also say `verison` and `nodes`. */
const ALIASES = { verison: 'version', nodes: 'hosts' } as const;

/** Unknown input → request, or every error with its path. Both spellings at once are an error. */
export function parseReleaseRequest(
  input: unknown,
): { ok: true; request: ReleaseRequest } | { ok: false; errors: string[] } {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  // Of a text, each character would become a field.
  const fields: Record<string, unknown> = isObject ? { ...input } : {};
  for (const [alias, name] of Object.entries(ALIASES)) {
    if (!(alias in fields)) continue;
    if (name in fields) return { ok: false, errors: [`${alias}: give either ${name} or ${alias}`] };
    fields[name] = fields[alias];
    delete fields[alias];
  }
  if (fields['executor'] !== undefined && fields['delivery'] !== undefined)
    return { ok: false, errors: ['delivery: give either executor or delivery'] };
  const { hosts } = fields;
  // Before the schema, which would name the fault of each host.
  if (Array.isArray(hosts) && hosts.length > MAX_HOSTS)
    return { ok: false, errors: [`hosts: must have at most ${MAX_HOSTS} hosts`] };
  const parsed = ReleaseRequest.safeParse(isObject ? fields : input);
  if (parsed.success) return { ok: true, request: parsed.data };
  return { ok: false, errors: inFewWords(parsed.error.issues) };
}

/** A fleet of 20,000 wrong hosts is wrong in one way or two: more lines would only fill the failure's history. */
const MAX_ERRORS = 20;
const MAX_ERROR_LENGTH = 300;

function inFewWords(issues: readonly z.core.$ZodIssue[]): string[] {
  const shown = issues.slice(0, MAX_ERRORS).map(({ path, message }) => {
    const line = `${path.join('.') || 'input'}: ${message}`;
    return line.length > MAX_ERROR_LENGTH ? `${line.slice(0, MAX_ERROR_LENGTH - 1)}…` : line;
  });
  const others = issues.length - shown.length;
  return others > 0 ? [...shown, `and ${others} more errors of the same input`] : shown;
}
