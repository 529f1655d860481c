import type { Issue } from '../domain/issue';
import { refuse, type Refusal } from '../guard/verdict';
import type { FlaggerBody } from './executor-calls';

/** Who carries a release out, as it names itself; `spec` is a digest of what it deploys. */
export type Caller = { by: string; spec?: string };

export const callerOfFlagger = ({ namespace, name, checksum }: FlaggerBody): Caller => ({
  by: `${namespace}/${name}`,
  ...(checksum !== undefined && { spec: checksum }),
});

/** Whether a canary is of another service or issue: its webhooks were copied from there. */
export function otherService(
  issue: Issue,
  { name, metadata = {} }: Pick<FlaggerBody, 'name' | 'metadata'>,
): Refusal | undefined {
  const { digest = issue.digest, issue_id: id = issue.issue_id, service = name } = metadata;
  if (id !== issue.issue_id || digest !== issue.digest) return otherDocument;
  if (service === issue.service) return undefined;
  return refuse(
    'WrongDigest',
    '/service',
    `The issue is of ${issue.service}, not of ${service}. A canary of another name says so in its metadata: service.`,
  );
}

export const otherDocument = refuse(
  'WrongDigest',
  '/digest',
  'The digest of the caller is not that of the issue.',
);

/**
 * A release belongs to the caller that began its first batch: a canary of the same name in another namespace would
 * begin batches for it. `goesOn`: what it deploys may not change on the way.
 */
export function otherCaller(
  events: readonly unknown[],
  caller: Caller | undefined,
  goesOn: boolean,
): Refusal | undefined {
  const first = events.find((event) => (event as { type?: unknown }).type === 'deploy');
  const { by, spec } = (first ?? {}) as { by?: unknown; spec?: unknown };
  if (caller === undefined || typeof by !== 'string') return undefined;
  if (by !== caller.by)
    return refuse('Replayed', '/issue_id', `${by} carries out this release, not ${caller.by}.`);
  return goesOn && spec !== undefined && caller.spec !== undefined && spec !== caller.spec
    ? refuse(
        'WrongVersion',
        '/candidate',
        `What ${by} deploys was changed after the first batch; prepare the release again.`,
      )
    : undefined;
}
